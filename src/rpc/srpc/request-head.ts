import { InstallerError } from "../../core/errors.ts";
import type { ByteReader } from "../byte-reader.ts";
import { readHead } from "./head-lines.ts";

/** First line of an HTTP request, taken apart. */
export interface RequestHead {
  readonly method: string;
  /** Without the query, as sent. */
  readonly path: string;
  /** What follows the `?`; empty when there is none. */
  readonly query: string;
}

const REQUEST_LINE = /^([A-Z]{1,20}) ([\x21-\x7e]+) HTTP\/1\.[01]\r?$/;

/** Parses `METHOD TARGET HTTP/1.x`, with or without a carriage return; E_SRPC_HEAD for anything else. */
export function parseRequestLine(line: string): RequestHead {
  const [, method, target] = REQUEST_LINE.exec(line) ?? [];
  if (method === undefined || target === undefined)
    throw new InstallerError("E_SRPC_HEAD", `parsing the request line ${quote(line)}`);
  const question = target.indexOf("?");
  if (question < 0) return { method, path: target, query: "" };
  return { method, path: target.slice(0, question), query: target.slice(question + 1) };
}

/** Reads the rest of a head whose first bytes `start` were read already; E_SRPC_HEAD. */
export async function readRequestHead(reader: ByteReader, start: string): Promise<RequestHead> {
  return parseRequestLine(start + (await readHead(reader)));
}

/** Options of the CONNECT request; undefined when the query does not parse (spec/srpc.md section 3.3 row 5). */
export function parseConnectOptions(query: string): { readonly withoutPowers: boolean } | undefined {
  const values = new Map<string, string>();
  for (const pair of query.split("&")) {
    if (pair.includes(";") || /%(?![0-9a-fA-F]{2})/.test(pair)) return undefined;
    const [name = "", ...value] = pair.split("=").map(unescapeQuery);
    if (!values.has(name)) values.set(name, value.join("="));
  }
  return { withoutPowers: values.get("doNotUseMethodPowers") === "true" };
}

/** Only ever compared with ASCII text, so the character set of escaped bytes is of no interest. */
function unescapeQuery(text: string): string {
  return text
    .replaceAll("+", " ")
    .replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

function quote(line: string): string {
  return JSON.stringify(line.length > 100 ? `${line.slice(0, 100)}…` : line);
}
