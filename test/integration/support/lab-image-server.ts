import { randomBytes } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { silentLogger } from "../../../src/core/logger.ts";
import { publishImage } from "../../../src/imageserver/publish-image.ts";
import { startImageServer } from "../../../src/imageserver/start-image-server.ts";
import { createNodeHost } from "../../../src/system/node/node-host.ts";

/** An image server without certificates for the image `lab/1`: 24 files of 512 KiB of noise. Argument: its directory. */
const [directory = ""] = process.argv.slice(2);
const host = createNodeHost();
const store = { imageDirectory: join(directory, "images"), objectDirectory: join(directory, "objects") };
const source = join(directory, "tree");
await mkdir(source, { recursive: true });
for (let index = 0; index < 24; index++)
  await writeFile(join(source, `file-${index}`), randomBytes(512 * 1024));
const { signal } = new AbortController();
await publishImage({ ...store, name: "lab/1", source, host, signal, log: silentLogger });
await startImageServer({ ...store, port: 6971, hostname: "lab", host, log: silentLogger });
console.log("ready");
