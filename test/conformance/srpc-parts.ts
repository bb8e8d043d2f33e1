import { isDeepStrictEqual } from "node:util";
import type { PlainGobDecoder } from "./srpc-gob.ts";
import type { CountingReader } from "./srpc-stream.ts";
import { type Decoded, type GobValue, type Shape, textField } from "./srpc-value.ts";

/** How calls encode their values. */
export type Coder = "gob" | "json";

/** What a part of a conversation says; names and directories are sets, all else is to the letter. */
export type Content =
  | { readonly kind: "line"; readonly text: string }
  | ({ readonly kind: "value" } & Decoded)
  | { readonly kind: "names"; readonly names: readonly string[] }
  /** Values to one without a name, in any order. */
  | { readonly kind: "directories"; readonly values: readonly GobValue[]; readonly shape: Shape }
  /** Values to one that is all zero. */
  | { readonly kind: "updates"; readonly values: readonly GobValue[]; readonly shape: Shape }
  | { readonly kind: "raw"; readonly bytes: Buffer };

/** Reads what has the form of `wanted`, whatever it says. */
export async function readContent(
  wanted: { readonly kind: Content["kind"]; readonly bytes?: Buffer },
  reader: CountingReader,
  decoder: PlainGobDecoder,
  coder: Coder,
): Promise<Content> {
  switch (wanted.kind) {
    case "line":
      return { kind: "line", text: await reader.line() };
    case "value":
      if (coder === "json")
        return {
          kind: "value",
          value: JSON.parse(await reader.line()) as GobValue,
          shape: "json",
          concrete: {},
        };
      return { kind: "value", ...(await decoder.decode()) };
    case "names":
      return { kind: "names", names: await readNames(reader) };
    case "directories":
      return {
        kind: "directories",
        ...(await readValues(decoder, (value) => textField(value, "Name") === "")),
      };
    case "updates":
      return { kind: "updates", ...(await readValues(decoder, (value) => isDeepStrictEqual(value, {}))) };
    case "raw":
      return { kind: "raw", bytes: await reader.bytes(wanted.bytes?.length ?? 0) };
  }
}

async function readNames(reader: CountingReader): Promise<readonly string[]> {
  const names: string[] = [];
  for (let name = await reader.line(); name !== ""; name = await reader.line()) names.push(name);
  return names;
}

async function readValues(
  decoder: PlainGobDecoder,
  isLast: (value: GobValue) => boolean,
): Promise<{ readonly values: readonly GobValue[]; readonly shape: Shape }> {
  const values: GobValue[] = [];
  for (;;) {
    const { value, shape } = await decoder.decode();
    if (isLast(value)) return { values, shape };
    values.push(value);
  }
}
