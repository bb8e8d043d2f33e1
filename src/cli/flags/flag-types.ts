import { formatSize, parseSize } from "../../core/byte-size.ts";
import { formatGoDuration, parseGoDuration } from "../../core/duration.ts";
import { InstallerError } from "../../core/errors.ts";
import { parseInteger, saturatedNumber } from "../../core/integer.ts";
import { RENDERER_NAMES, type RequestedRenderer } from "../../network/target/choose-renderer.ts";
import type { StatusAccess } from "../../rpc/access-policy.ts";
import type { EfiBootEntryPlace } from "../../storage/boot/efi-boot-entries.ts";

/** What the program gets for each type of flag. */
export interface FlagTypeValues {
  readonly string: string;
  readonly bool: boolean;
  readonly int: number;
  readonly uint: number;
  /** A TCP or UDP port, 0 to 65535. */
  readonly port: number;
  /** Nanoseconds. */
  readonly duration: bigint;
  /** Bytes. */
  readonly size: number;
  readonly list: readonly string[];
  readonly set: ReadonlySet<string>;
  readonly bootEntryPlace: EfiBootEntryPlace;
  readonly networkRenderer: RequestedRenderer;
  readonly statusAccess: StatusAccess;
}

export type FlagTypeName = keyof FlagTypeValues;

interface FlagType<Value> {
  /** How the usage text names the value. */
  readonly word: string;
  /** The printed form that the usage text does not mention as a default. */
  readonly zero: string;
  /** Throws E_VALUE_SYNTAX or E_VALUE_RANGE with the reason in the words of Go. */
  readonly parse: (text: string) => Value;
  readonly print: (value: Value) => string;
}

const BOOL_TEXTS: ReadonlyMap<string, boolean> = new Map([
  ...["1", "t", "T", "true", "TRUE", "True"].map((text) => [text, true] as const),
  ...["0", "f", "F", "false", "FALSE", "False"].map((text) => [text, false] as const),
]);

const MAX_PORT = 65_535;

/** How each type of flag reads and prints (spec/cli.md section 4, rule 8). */
export const FLAG_TYPES: { readonly [Name in FlagTypeName]: FlagType<FlagTypeValues[Name]> } = {
  string: { word: "string", zero: "", parse: (text) => text, print: (value) => value },
  bool: { word: "", zero: "false", parse: parseBool, print: String },
  int: {
    word: "int",
    zero: "0",
    parse: (text) => saturatedNumber(parseInteger(text, "int64")),
    print: String,
  },
  uint: {
    word: "uint",
    zero: "0",
    parse: (text) => saturatedNumber(parseInteger(text, "uint64")),
    print: String,
  },
  port: { word: "uint", zero: "0", parse: parsePort, print: String },
  duration: { word: "duration", zero: "0s", parse: parseDurationFlag, print: formatGoDuration },
  size: { word: "value", zero: "0B", parse: (text) => saturatedNumber(parseSize(text)), print: formatSize },
  list: { word: "value", zero: "", parse: splitList, print: (value) => value.join(",") },
  set: {
    word: "value",
    zero: "",
    parse: (text) => new Set(splitList(text)),
    print: (value) => [...value].join(","),
  },
  bootEntryPlace: { word: "value", zero: "", parse: parseBootEntryPlace, print: (value) => value },
  networkRenderer: { word: "value", zero: "", parse: parseNetworkRenderer, print: (value) => value },
  statusAccess: { word: "value", zero: "", parse: parseStatusAccess, print: (value) => value },
};

/** `value` as it would be written on the command line. */
export function formatFlagValue<Name extends FlagTypeName>(type: Name, value: FlagTypeValues[Name]): string {
  return FLAG_TYPES[type].print(value);
}

function parseBool(text: string): boolean {
  const value = BOOL_TEXTS.get(text);
  if (value === undefined) throw new InstallerError("E_VALUE_SYNTAX", "parse error");
  return value;
}

function parsePort(text: string): number {
  const value = parseInteger(text, "uint64");
  if (value > MAX_PORT) throw new InstallerError("E_VALUE_RANGE", "value out of range");
  return Number(value);
}

/** A flag only says that a duration is wrong, not why. */
function parseDurationFlag(text: string): bigint {
  try {
    return parseGoDuration(text);
  } catch {
    throw new InstallerError("E_VALUE_SYNTAX", "parse error");
  }
}

function parseBootEntryPlace(text: string): EfiBootEntryPlace {
  if (text === "last" || text === "first" || text === "none") return text;
  throw new InstallerError("E_VALUE_SYNTAX", "must be last, first or none");
}

function parseNetworkRenderer(text: string): RequestedRenderer {
  const names: readonly RequestedRenderer[] = ["auto", ...RENDERER_NAMES];
  const found = names.find((name) => name === text);
  if (found === undefined) throw new InstallerError("E_VALUE_SYNTAX", `must be one of ${names.join(", ")}`);
  return found;
}

function parseStatusAccess(text: string): StatusAccess {
  if (text === "open" || text === "authenticated") return text;
  throw new InstallerError("E_VALUE_SYNTAX", "must be open or authenticated");
}

function splitList(text: string): readonly string[] {
  return text === "" ? [] : text.split(",");
}
