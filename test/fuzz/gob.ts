import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { InstallerError } from "../../src/core/errors.ts";
import { GobBufferDecoder } from "../../src/rpc/gob/decoder.ts";
import type { Schema, SchemaNode } from "../../src/rpc/gob/schema.ts";
import { VectorSchemas, type VectorStruct, type VectorType } from "../conformance/gob-schema.ts";
import { mutate } from "./mutate.ts";
import { type FuzzFailure, type FuzzOptions, type FuzzTarget, Random } from "./target.ts";

/** Inputs between two looks at the memory, and between two breaths of the event loop. */
const BATCH = 5000;
/** Far above what any input of this size may need, a garbage collection that did not happen yet included. */
const MEMORY_LIMIT_BYTES = 1024 * 1024 * 1024;
const TIME_LIMIT_MS = 1000;

interface Seed {
  readonly stream: Buffer;
  readonly receivers: readonly SchemaNode[];
}

/** The gob decoder against damaged streams of the original: it must refuse with an InstallerError, soon and cheaply. */
export const gobTarget: FuzzTarget = {
  name: "gob",
  run: async (options) => fuzz(await readSeeds(), options),
};

async function fuzz(seeds: readonly Seed[], { runs, seed }: FuzzOptions): Promise<FuzzFailure | undefined> {
  const corpus = seeds.map(({ stream }) => stream);
  for (let run = 0; run < runs; run++) {
    // Each input depends on its own number only, so that one of them can be made again by itself.
    const random = new Random(Math.imul(seed, 0x9e3779b1) + run);
    const { stream, receivers } = random.pick(seeds);
    const input = mutate(stream, random, corpus);
    const what = problemOf(input, receivers);
    if (what !== undefined) return { run, what, input };
    if (run % BATCH !== 0) continue;
    const { rss } = process.memoryUsage();
    if (rss > MEMORY_LIMIT_BYTES) return { run, what: `${rss} bytes of memory in use`, input };
    await nextTurn();
  }
  return undefined;
}

function problemOf(input: Buffer, receivers: readonly SchemaNode[]): string | undefined {
  const started = performance.now();
  const error = decode(input, receivers);
  const elapsedMs = performance.now() - started;
  if (elapsedMs > TIME_LIMIT_MS) return `took ${Math.round(elapsedMs)} ms`;
  if (error === undefined || (error instanceof InstallerError && error.code.startsWith("E_GOB_")))
    return undefined;
  return error instanceof Error ? (error.stack ?? error.message) : "threw something that is not an Error";
}

/** What decoding to the end of the input throws; undefined for a clean end. */
function decode(input: Buffer, receivers: readonly SchemaNode[]): unknown {
  const decoder = new GobBufferDecoder(input);
  try {
    for (let index = 0; !decoder.atEnd; index++) decoder.decode(receiverAt(receivers, index));
    return undefined;
  } catch (error) {
    return error;
  }
}

function receiverAt(receivers: readonly SchemaNode[], index: number): Schema<unknown> {
  return (receivers[index] ?? receivers.at(-1)) as Schema<unknown>;
}

async function readSeeds(): Promise<readonly Seed[]> {
  const directory = join(import.meta.dirname, "../vectors/gob");
  const described = (await readJson(join(directory, "schemas.json"))) as {
    structs: Record<string, VectorStruct>;
    registered: Record<string, VectorType>;
  };
  const schemas = new VectorSchemas(described.structs, described.registered);
  const names = (await readdir(directory)).filter((name) => name.endsWith(".gob")).sort();
  return Promise.all(
    names.map(async (name) => {
      const stream = await readFile(join(directory, name));
      const { receiver, receivers } = (await readJson(join(directory, name.replace(/\.gob$/, ".json")))) as {
        receiver?: VectorType;
        receivers?: readonly VectorType[];
      };
      const types = receivers ?? (receiver === undefined ? [] : [receiver]);
      return { stream, receivers: types.map((type) => schemas.schemaOf(type)) };
    }),
  );
}

async function readJson(path: string): Promise<unknown> {
  return JSON.parse(await readFile(path, "utf8"));
}
