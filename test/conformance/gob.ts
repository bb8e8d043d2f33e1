import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { InstallerError } from "../../src/core/errors.ts";
import { byteReaderFromIterable } from "../../src/rpc/byte-reader.ts";
import { GobBufferDecoder, GobDecoder } from "../../src/rpc/gob/decoder.ts";
import { GobEncoder } from "../../src/rpc/gob/encoder.ts";
import type { Schema, SchemaNode } from "../../src/rpc/gob/schema.ts";
import { VectorSchemas, type VectorStruct, type VectorType, valueFromJson } from "./gob-schema.ts";
import type { ConformanceSet, Report } from "./report.ts";

/** gob/: streams of the original, and malformed ones (INDEX.md "How to test"). */
export const gobSet: ConformanceSet = { name: "gob", run };

interface StreamCase {
  readonly name: string;
  readonly receiver?: VectorType;
  readonly receivers?: readonly VectorType[];
  readonly values: readonly unknown[];
  readonly error?: string | null;
}

interface Receiver {
  readonly type: VectorType;
  readonly structs?: Readonly<Record<string, VectorStruct>>;
}

interface BrokenCase {
  readonly name: string;
  readonly receiver: Receiver;
  readonly hex: string;
  readonly values: readonly unknown[];
  readonly error: string | null;
}

interface TruncatedSeries {
  readonly receiver: Receiver;
  readonly hex: string;
  readonly runs: readonly { from: number; to: number; values: number; error: string | null }[];
}

interface MutatedSeries {
  readonly receiver: Receiver;
  readonly hex: string;
  readonly cases: readonly [number, number, number, string | null, (readonly unknown[])?][];
}

/** What a decoder made of a whole stream. */
interface Outcome {
  readonly values: readonly unknown[];
  /** Absent: a clean end. */
  readonly error?: unknown;
}

/** Parts of error texts that programs and people know (gob.md A8); the rest of the wording is ours. */
const KNOWN_TEXTS: readonly RegExp[] = [
  /no fields matched compiling decoder for/,
  /for received field \S+$/,
  /value for "[^"]*" out of range/,
  /want struct type/,
  /name not registered for interface: "[^"]*"/,
  /extra data in buffer/,
];

async function run(vectorDirectory: string, report: Report): Promise<void> {
  const directory = join(vectorDirectory, "gob");
  if (!existsSync(directory)) return;
  const names = (await readdir(directory)).sort();
  const described = names.includes("schemas.json")
    ? ((await readJson(join(directory, "schemas.json"))) as {
        structs: Record<string, VectorStruct>;
        registered: Record<string, VectorType>;
      })
    : { structs: {}, registered: {} };
  const schemas = new VectorSchemas(described.structs, described.registered);
  for (const name of names) {
    if (!name.endsWith(".json") || name === "schemas.json") continue;
    const content = await readJson(join(directory, name));
    const caseName = name.slice(0, -".json".length);
    if (name.startsWith("broken")) await runBroken(content as { cases: BrokenCase[] }, schemas, report);
    else if (name.startsWith("truncated-"))
      await runTruncated(caseName, content as TruncatedSeries, schemas, report);
    else if (name.startsWith("mutated-"))
      await runMutated(caseName, content as MutatedSeries, schemas, report);
    else if (names.includes(`${caseName}.gob`))
      await runStream(
        content as StreamCase,
        await readFile(join(directory, `${caseName}.gob`)),
        schemas,
        report,
      );
  }
}

async function readJson(path: string): Promise<unknown> {
  return JSON.parse(await readFile(path, "utf8"));
}

async function runStream(
  testCase: StreamCase,
  stream: Buffer,
  schemas: VectorSchemas,
  report: Report,
): Promise<void> {
  const nodes = receiversOf(testCase, schemas);
  const expected = testCase.values.map((json, index) => valueFromJson(nodeAt(nodes, index), json));
  const error = testCase.error ?? null;
  const differs = (outcome: Outcome): string | undefined =>
    compareValues(outcome.values, expected) ?? compareError(outcome.error, error);
  await report.check(testCase.name, () => differs(decodeBuffer(stream, nodes)));
  for (const size of [stream.length, 1, 7])
    await report.check(`${testCase.name} in pieces of ${size}`, async () =>
      differs(await decodeStream(stream, nodes, Math.max(1, size))),
    );
  if (expected.length === 0) return;
  await report.check(`${testCase.name} with raw bytes between the values`, async () =>
    compareValues(await decodeInterleaved(stream, nodes, expected.length), expected),
  );
  await report.check(`${testCase.name} encoded again`, () => {
    const encoder = new GobEncoder();
    const messages = expected.map((value, index) => encoder.encode(nodeAt(nodes, index), value));
    const outcome = decodeBuffer(Buffer.concat(messages), nodes);
    return compareValues(outcome.values, expected) ?? compareError(outcome.error, null);
  });
}

async function runBroken(
  content: { readonly cases: readonly BrokenCase[] },
  schemas: VectorSchemas,
  report: Report,
): Promise<void> {
  for (const testCase of content.cases) {
    await report.check(testCase.name, async () => {
      const node = receiverOf(testCase.receiver, schemas);
      const stream = Buffer.from(testCase.hex, "hex");
      const expected = testCase.values.map((json) => valueFromJson(node, json));
      return (
        judge(decodeBuffer(stream, [node]), { values: expected, error: testCase.error }, report) ??
        judge(await decodeStream(stream, [node], 1), { values: expected, error: testCase.error })
      );
    });
  }
}

async function runTruncated(
  name: string,
  series: TruncatedSeries,
  schemas: VectorSchemas,
  report: Report,
): Promise<void> {
  const node = receiverOf(series.receiver, schemas);
  const stream = Buffer.from(series.hex, "hex");
  for (const { from, to, values, error } of series.runs) {
    for (let length = from; length <= to; length++) {
      await report.check(`${name} cut to ${length} bytes`, async () => {
        const outcomes = [
          decodeBuffer(stream.subarray(0, length), [node]),
          await decodeStream(stream.subarray(0, length), [node], 7),
        ];
        const wrong = outcomes.find((outcome) => outcome.values.length !== values);
        if (wrong !== undefined) return `${wrong.values.length} values instead of ${values}`;
        return outcomes.map((outcome) => compareError(outcome.error, error)).find((why) => why !== undefined);
      });
    }
  }
}

async function runMutated(
  name: string,
  series: MutatedSeries,
  schemas: VectorSchemas,
  report: Report,
): Promise<void> {
  const node = receiverOf(series.receiver, schemas);
  for (const [offset, byte, count, error, json] of series.cases) {
    await report.check(`${name} with byte ${offset} = ${byte}`, async () => {
      const stream = Buffer.from(series.hex, "hex");
      stream[offset] = byte;
      const values = (json ?? []).map((value) => valueFromJson(node, value));
      if (error === null && values.length !== count) return "the vector contradicts itself";
      return (
        judge(decodeBuffer(stream, [node]), { values, error }, report) ??
        judge(await decodeStream(stream, [node], 7), { values, error })
      );
    });
  }
}

/** For malformed streams: an error where the original has one; where it has none, the same values or an error. */
function judge(
  outcome: Outcome,
  expected: { readonly values: readonly unknown[]; readonly error: string | null },
  report?: Report,
): string | undefined {
  if (expected.error !== null) return compareError(outcome.error, expected.error);
  if (outcome.error === undefined) return compareValues(outcome.values, expected.values);
  const why = compareError(outcome.error, "any");
  if (why === undefined) report?.applyRule("R-GOB-STRICT");
  return why;
}

function compareValues(actual: readonly unknown[], expected: readonly unknown[]): string | undefined {
  if (actual.length !== expected.length) return `${actual.length} values instead of ${expected.length}`;
  const wrong = actual.findIndex((value, index) => !isDeepStrictEqual(plain(value), plain(expected[index])));
  return wrong < 0
    ? undefined
    : `value ${wrong} differs: ${show(actual[wrong])} instead of ${show(expected[wrong])}`;
}

function compareError(actual: unknown, expected: string | null): string | undefined {
  if (expected === null) return actual === undefined ? undefined : `an error: ${textOf(actual)}`;
  if (actual === undefined) return `no error instead of ${expected}`;
  if (!(actual instanceof InstallerError)) return `a foreign error: ${textOf(actual)}`;
  for (const known of KNOWN_TEXTS) {
    const text = known.exec(expected)?.[0];
    if (text !== undefined && !actual.message.includes(text))
      return `the error ${JSON.stringify(actual.message)} instead of ${expected}`;
  }
  return undefined;
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : JSON.stringify(error);
}

/** Byte arrays compare by content, whether Buffer or not. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return `bytes ${Buffer.from(value).toString("hex")}`;
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Map) return new Map([...value].map(([key, element]) => [plain(key), plain(element)]));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, element]) => [name, plain(element)]));
}

function show(value: unknown): string {
  const text = JSON.stringify(plain(value), (_key, part: unknown) => {
    if (typeof part === "bigint") return `${part}n`;
    return part instanceof Map ? [...part] : part;
  });
  return text === undefined || text.length <= 400 ? String(text) : `${text.slice(0, 400)}...`;
}

function receiversOf(testCase: StreamCase, schemas: VectorSchemas): readonly SchemaNode[] {
  const types = testCase.receivers ?? (testCase.receiver === undefined ? [] : [testCase.receiver]);
  return types.map((type) => schemas.schemaOf(type));
}

function receiverOf(receiver: Receiver, schemas: VectorSchemas): SchemaNode {
  return schemas.withStructs(receiver.structs ?? {}).schemaOf(receiver.type);
}

/** The receiver of value `index`: the last one serves all that follow. */
function nodeAt(nodes: readonly SchemaNode[], index: number): Schema<unknown> {
  const node = nodes[Math.min(index, nodes.length - 1)];
  if (node === undefined) throw new Error("the vector names no receiver");
  return node as Schema<unknown>;
}

function decodeBuffer(stream: Uint8Array, nodes: readonly SchemaNode[]): Outcome {
  const decoder = new GobBufferDecoder(stream);
  const values: unknown[] = [];
  try {
    while (!decoder.atEnd) values.push(decoder.decode(nodeAt(nodes, values.length)));
    return { values };
  } catch (error) {
    return { values, error };
  }
}

async function decodeStream(
  stream: Uint8Array,
  nodes: readonly SchemaNode[],
  pieceBytes: number,
): Promise<Outcome> {
  const reader = byteReaderFromIterable(piecesOf(stream, pieceBytes));
  const decoder = new GobDecoder(reader);
  const values: unknown[] = [];
  try {
    while (!(await reader.atEnd())) values.push(await decoder.decode(nodeAt(nodes, values.length)));
    return { values };
  } catch (error) {
    return { values, error };
  }
}

function* piecesOf(stream: Uint8Array, pieceBytes: number): Generator<Uint8Array> {
  for (let start = 0; start < stream.length; start += pieceBytes)
    yield stream.subarray(start, start + pieceBytes);
}

/** Object data follows values in several calls: the decoder must leave every byte of it in place. */
async function decodeInterleaved(
  stream: Buffer,
  nodes: readonly SchemaNode[],
  count: number,
): Promise<readonly unknown[]> {
  const raw = Buffer.from("\x00\xff\x07raw", "latin1");
  const positions = new GobBufferDecoder(stream);
  const parts: Buffer[] = [];
  for (let index = 0, start = 0; index < count; index++) {
    positions.decode(nodeAt(nodes, index));
    parts.push(stream.subarray(start, positions.offset), raw);
    start = positions.offset;
  }
  const reader = byteReaderFromIterable([Buffer.concat(parts)]);
  const decoder = new GobDecoder(reader);
  const values: unknown[] = [];
  for (let index = 0; index < count; index++) {
    values.push(await decoder.decode(nodeAt(nodes, index)));
    const between = Buffer.from(await reader.readExactly(raw.length));
    if (!between.equals(raw))
      throw new Error(`the raw bytes behind value ${index} are ${between.toString("hex")}`);
  }
  return values;
}
