import type { Diagnostic } from "./diagnostic.ts";
import { type JsonNode, positionOf } from "./json-node.ts";
import { JsonSyntaxError, parseJson } from "./json-parser.ts";

/** A configuration file with its JSON value; positions refer to the text as the operator wrote it. */
export interface JsonSource {
  /** Name of the file, for messages. */
  readonly file: string;
  readonly text: string;
  readonly root: JsonNode;
  /** What stands behind the value, to be warned of. */
  readonly leftover: Diagnostic | undefined;
}

/** Sources larger than this are refused; a site with thousands of subnets stays far below. */
const MAXIMUM_CHARACTERS = 4 * 1024 * 1024;

/**
 * Reads JSON with comment lines: those whose first non-blank characters are `#`, `//` or `!` (spec/configuration.md
 * section 8). The diagnostic says where and why the text is none.
 */
export function parseJsonSource(
  file: string,
  text: string,
): { readonly source: JsonSource } | { readonly problem: Diagnostic } {
  const diagnose = (at: number, severity: Diagnostic["severity"], message: string): Diagnostic => {
    return { file, ...positionOf(text, at), severity, key: "", message };
  };
  if (text.length > MAXIMUM_CHARACTERS)
    return { problem: diagnose(0, "error", `larger than ${MAXIMUM_CHARACTERS} characters`) };
  const withoutComments = blankComments(text);
  try {
    const { node, end } = parseJson(withoutComments);
    const restAt = end + withoutComments.slice(end).search(/\S/);
    const leftover =
      restAt < end ? undefined : diagnose(restAt, "warning", "ignoring what follows the JSON value");
    return { source: { file, text, root: node, leftover } };
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    return { problem: diagnose(error.at, "error", error.message) };
  }
}

/** Comment lines become blanks of the same length, so that every offset stays what it was. */
function blankComments(text: string): string {
  return text.replaceAll(/^[ \t]*(?:#|\/\/|!).*$/gm, (line) => " ".repeat(line.length));
}
