import type { ByteReader } from "../byte-reader.ts";
import { GobDecoder } from "../gob/decoder.ts";
import { GobEncoder } from "../gob/encoder.ts";
import type { Schema } from "../gob/schema.ts";
import { decodeJson } from "../json/decode.ts";
import { encodeJson } from "../json/encode.ts";
import { readJsonMessage } from "../json/read-message.ts";

/** How the values of a connection's calls travel; its endpoint says which (spec/srpc.md section 2). */
export type CoderName = "gob" | "json";

/** Both directions of one call (spec/srpc.md section 5.5). */
export interface Coder {
  /** What to send for `value`. */
  encode<T>(schema: Schema<T>, value: NoInfer<T>): Uint8Array;
  /** Reads the next value, and nothing behind it. Rejects with E_GOB_* or E_JSON_MESSAGE, and as ByteReader does. */
  decode<T>(schema: Schema<T>): Promise<T>;
}

/**
 * Room for the ids of thousands of objects. Parsing is slow compared with gob, and nobody sends an image this way: its
 * inodes have no JSON form that could be read.
 */
const JSON_LIMIT_BYTES = 1024 * 1024;

/** A coder for one call whose values come from `reader`, each of at most `limitBytes`. */
export function makeCoder(name: CoderName, reader: ByteReader, limitBytes: number): Coder {
  return name === "gob" ? makeGobCoder(reader, limitBytes) : makeJsonCoder(reader, limitBytes);
}

function makeGobCoder(reader: ByteReader, limitBytes: number): Coder {
  const encoder = new GobEncoder();
  const decoder = new GobDecoder(reader, { messageBytes: limitBytes, valueBytes: limitBytes });
  return {
    encode: (schema, value) => encoder.encode(schema, value),
    decode: (schema) => decoder.decode(schema),
  };
}

function makeJsonCoder(reader: ByteReader, limitBytes: number): Coder {
  const jsonLimitBytes = Math.min(limitBytes, JSON_LIMIT_BYTES);
  return {
    encode: (schema, value) => Buffer.from(`${encodeJson(schema, value)}\n`),
    decode: async (schema) => decodeJson(schema, await readJsonMessage(reader, jsonLimitBytes)),
  };
}
