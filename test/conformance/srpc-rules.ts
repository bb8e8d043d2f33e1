import { findDifference } from "./srpc-difference.ts";
import { compareHeaders, type HttpAnswer } from "./srpc-http.ts";
import type { Content } from "./srpc-parts.ts";
import { type Item, UPGRADE_METHOD } from "./srpc-script.ts";
import { textField } from "./srpc-value.ts";

/** What to think of something that is not as it was recorded. */
export interface Verdict {
  /** The deliberate difference that concerns it. */
  readonly rule?: string;
  /** Why it is wrong nevertheless. */
  readonly why?: string;
  /** What was recorded behind it cannot follow. */
  readonly isLast?: boolean;
}

/** The rule that concerns a recorded part of a conversation with a server; undefined when it must be the same. */
export function itemRule(item: Item, ours: Content): Verdict | undefined {
  const { content, method, role } = item;
  if (content.kind === "line" && ours.kind === "line") {
    if (method === UPGRADE_METHOD && role === "acknowledgement") return upgradeRule(content.text, ours.text);
    if (role === "status" && content.text.startsWith("gob: ")) return decoderRule(content.text, ours.text);
  }
  if (content.kind === "value" && ours.kind === "value") {
    const [recorded, our] = [textField(content.value, "Error"), textField(ours.value, "Error")];
    if (/^[a-z]+ \/\S*: /.test(recorded)) return fileSystemRule(recorded, our);
  }
  return undefined;
}

/** Any error line makes a client stay where it is (spec/srpc.md section 7.2). */
function upgradeRule(recorded: string, ours: string): Verdict {
  const rule = "R-SRPC-UPGRADE";
  if (ours === "") return { rule, why: "the local upgrade is accepted" };
  return { rule, isLast: recorded === "" };
}

/** The words of a decoder are its own; what is wrong with a value is the same. */
function decoderRule(recorded: string, ours: string): Verdict {
  const rule = "R-SRPC-DECODER-TEXT";
  const known = /want struct type|no fields matched|out of range|for received field/.exec(recorded)?.[0];
  return known !== undefined && ours.includes(known)
    ? { rule }
    : { rule, why: `${JSON.stringify(ours)}, recorded ${JSON.stringify(recorded)}` };
}

/** The reason of the system without the path, which is nobody's business. */
function fileSystemRule(recorded: string, ours: string): Verdict {
  const rule = "R-SRPC-SERVER-PATHS";
  const reason = recorded.slice(recorded.lastIndexOf(": ") + 2);
  return ours.includes(reason) && !/(^|\s)\//.test(ours)
    ? { rule }
    : { rule, why: `${JSON.stringify(ours)}, recorded ${JSON.stringify(recorded)}` };
}

/** What the recorded server offers and ours does not (docs/differences.md). */
const METHODS_NOT_OFFERED: readonly RegExp[] = [
  /^Logger\./,
  /^ImageServer\.(ChownDirectory|DeleteUnreferencedObjects|GetImageArchive|GetImageComputedFiles)$/,
  /^ImageServer\.(GetImageInodes|GetObjectStatisticsForImages|ImportTree|ListUnreferencedObjects)$/,
  /^ImageServer\.RestoreImageFromArchive$/,
  /^ObjectServer\.(ImportObjects|TestBandwidth)$/,
];

/** Headers that only say how an answer travels; its length is checked by reading it. */
const CONNECTION_HEADERS = ["connection", "content-length", "keep-alive", "transfer-encoding"];
/** What recorded servers send along for the pages they have (spec/lifecycle.md section 6). */
const PAGE_HEADERS = [
  "content-security-policy",
  "x-content-type-options",
  "x-frame-options",
  "x-xss-protection",
];

/** The rules met by an answer to an HTTP request, and the first difference that none of them allows. */
export function compareHttpAnswers(
  ours: HttpAnswer,
  recorded: HttpAnswer,
  request: { readonly isConnect: boolean },
): { readonly rules: readonly string[]; readonly why?: string } {
  if (ours.status !== recorded.status) return { rules: [], why: `${ours.status}, not ${recorded.status}` };
  if (request.isConnect) return compareRefusals(ours, recorded);
  const rules = new Set<string>();
  const ignored = [...CONNECTION_HEADERS];
  if (ours.version !== recorded.version) rules.add("R-SRPC-HTTP-VERSION");
  const expected = withoutMethods(recorded.body);
  if (!expected.equals(recorded.body)) rules.add("R-SRPC-METHODS");
  if (PAGE_HEADERS.some((name) => recorded.headers.has(name))) {
    rules.add("R-SRPC-OBJECT-HEADERS");
    ignored.push(...PAGE_HEADERS, "content-type");
    const type = ours.headers.get("content-type");
    if (type !== "application/octet-stream") return { rules: [], why: `an object of type ${type}` };
  }
  if (!expected.equals(ours.body))
    return { rules: [], why: `the body is ${JSON.stringify(ours.body.toString("latin1"))}` };
  const why = compareHeaders(ours, recorded, ignored);
  return { rules: [...rules], ...(why === undefined ? {} : { why }) };
}

/** Refusals of the CONNECT exchange are to the letter: clients tell them apart. */
function compareRefusals(
  ours: HttpAnswer,
  recorded: HttpAnswer,
): { readonly rules: readonly string[]; readonly why?: string } {
  const why =
    findDifference(
      [ours.version, ours.body.toString("latin1")],
      [recorded.version, recorded.body.toString("latin1")],
    ) ?? compareHeaders(ours, recorded, []);
  return { rules: [], ...(why === undefined ? {} : { why }) };
}

function withoutMethods(body: Buffer): Buffer {
  const lines = body.toString("latin1").split("\n");
  return Buffer.from(
    lines.filter((line) => !METHODS_NOT_OFFERED.some((pattern) => pattern.test(line))).join("\n"),
    "latin1",
  );
}
