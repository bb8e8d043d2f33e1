import { createHash } from "node:crypto";
import { readTftpFile, type TftpRequest } from "../../../src/network/tftp/client.ts";
import { createNodeHost } from "../../../src/system/node/node-host.ts";
import { runClientScript } from "./client-script.ts";

/** Reads one file by TFTP and prints its size and SHA-256. */
await runClientScript<TftpRequest>(async (request) => {
  await using host = createNodeHost();
  const content = await readTftpFile(request, host.clock, AbortSignal.timeout(120_000));
  return { sizeBytes: content.length, sha256: createHash("sha256").update(content).digest("hex") };
});
