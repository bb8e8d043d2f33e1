import { setImmediate as nextTurn } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { InstallerError } from "../../src/core/errors.ts";
import { byteReaderFromIterable } from "../../src/rpc/byte-reader.ts";
import type { Schema } from "../../src/rpc/gob/schema.ts";
import { decodeJson } from "../../src/rpc/json/decode.ts";
import { encodeJson } from "../../src/rpc/json/encode.ts";
import { readJsonMessage } from "../../src/rpc/json/read-message.ts";
import {
  addImageRequest,
  changeImageExpirationRequest,
  findLatestImageRequest,
  getImageRequest,
  makeDirectoryRequest,
} from "../../src/rpc/messages/image-server.ts";
import { addObjectRequest, checkObjectsRequest } from "../../src/rpc/messages/object-server.ts";
import { mutate } from "./mutate.ts";
import { type FuzzFailure, type FuzzOptions, type FuzzTarget, Random } from "./target.ts";

/** Inputs between two looks at the memory, and between two breaths of the event loop. */
const BATCH = 5000;
const MEMORY_LIMIT_BYTES = 1024 * 1024 * 1024;
const TIME_LIMIT_MS = 1000;
const LIMIT_BYTES = 64 * 1024;

/** The JSON coder against damaged requests: it refuses with an InstallerError, soon, or understands what it could say again. */
export const jsonTarget: FuzzTarget = { name: "json", run: fuzz };

interface Seed {
  readonly schema: Schema<unknown>;
  readonly message: Buffer;
}

const ID_NUMBERS = JSON.stringify(Array.from({ length: 64 }, (_, index) => index * 4));

const SEEDS: readonly Seed[] = [
  seed(findLatestImageRequest, '{"DirectoryName":"os","TagsToMatch":{"arch":["amd64","arm64"],"x":null}}'),
  seed(getImageRequest, '{"ImageName":"os/\\u00e9\\\\\\"1","IgnoreFilesystem":true,"Timeout":15000000000}'),
  seed(makeDirectoryRequest, '{\n  "directoryname": "a/b",\n  "makeall": true\n}'),
  seed(addObjectRequest, `{"Length":6,"ExpectedHash":${ID_NUMBERS}}`),
  seed(checkObjectsRequest, `{"Hashes":[${ID_NUMBERS},"${"0f".repeat(64)}"]}`),
  seed(changeImageExpirationRequest, '{"ImageName":"x","ExpiresAt":"2026-08-22T10:20:30.25+05:30"}'),
  seed(
    addImageRequest,
    '{"ImageName":"x","Image":{"Tags":{"k":"v"},"Filter":{"FilterLines":["/tmp/.*"]},"Packages":[{"Size":18446744073709551615}],' +
      '"FileSystem":{"InodeTable":{"7":null},"EntryList":[{"Name":"a","InodeNumber":7}],"Mode":16877}}}',
  ),
];

async function fuzz({ runs, seed: number }: FuzzOptions): Promise<FuzzFailure | undefined> {
  const corpus = SEEDS.map(({ message }) => message);
  for (let run = 0; run < runs; run++) {
    // Each input depends on its own number only, so that one of them can be made again by itself.
    const random = new Random(Math.imul(number, 0x9e3779b1) + run);
    const { schema, message } = random.pick(SEEDS);
    const input = mutate(message, random, corpus);
    const what = await problemOf(input, schema);
    if (what !== undefined) return { run, what, input };
    if (run % BATCH !== 0) continue;
    const { rss } = process.memoryUsage();
    if (rss > MEMORY_LIMIT_BYTES) return { run, what: `${rss} bytes of memory in use`, input };
    await nextTurn();
  }
  return undefined;
}

async function problemOf(input: Buffer, schema: Schema<unknown>): Promise<string | undefined> {
  const started = performance.now();
  const problem = await understand(input, schema);
  const elapsedMs = performance.now() - started;
  return elapsedMs > TIME_LIMIT_MS ? `took ${Math.round(elapsedMs)} ms` : problem;
}

async function understand(input: Buffer, schema: Schema<unknown>): Promise<string | undefined> {
  try {
    const value = decodeJson(schema, await readJsonMessage(byteReaderFromIterable([input]), LIMIT_BYTES));
    const again = decodeJson(schema, encodeJson(schema, value));
    return isDeepStrictEqual(again, value) ? undefined : "means something else when it is said again";
  } catch (error) {
    if (error instanceof InstallerError && ["E_JSON_MESSAGE", "E_STREAM_ENDED"].includes(error.code))
      return undefined;
    return error instanceof Error ? (error.stack ?? error.message) : "threw something that is not an Error";
  }
}

function seed(schema: unknown, text: string): Seed {
  return { schema: schema as Schema<unknown>, message: Buffer.from(`${text}\n`) };
}
