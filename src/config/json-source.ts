import { InstallerError } from "../core/errors.ts";
import { type JsonNode, type Position, positionOf } from "./json-node.ts";
import { JsonSyntaxError, parseJson } from "./json-parser.ts";

/** A configuration file with its JSON value; positions refer to the text as the operator wrote it. */
export interface JsonSource {
  /** Name of the file, for messages. */
  readonly file: string;
  readonly text: string;
  readonly root: JsonNode;
  readonly warnings: readonly string[];
}

/** Sources larger than this are refused; a site with thousands of subnets stays far below. */
const MAXIMUM_CHARACTERS = 4 * 1024 * 1024;

/**
 * Reads JSON with comment lines: those whose first non-blank characters are `#`, `//` or `!`. Throws E_CONFIG_SYNTAX
 * with file, line and column.
 */
export function parseJsonSource(file: string, text: string): JsonSource {
  if (text.length > MAXIMUM_CHARACTERS)
    throw new InstallerError("E_CONFIG_SYNTAX", `${file}: larger than ${MAXIMUM_CHARACTERS} characters`);
  const withoutComments = blankComments(text);
  try {
    const { node, end } = parseJson(withoutComments);
    const restAt = end + withoutComments.slice(end).search(/\S/);
    const warnings =
      restAt < end
        ? []
        : [`${formatPosition(file, positionOf(text, restAt))}: ignoring what follows the JSON value`];
    return { file, text, root: node, warnings };
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    throw new InstallerError(
      "E_CONFIG_SYNTAX",
      `${formatPosition(file, positionOf(text, error.at))}: ${error.message}`,
    );
  }
}

/** `config.json:3:14`, the form that editors understand. */
export function formatPosition(file: string, { line, column }: Position): string {
  return `${file}:${line}:${column}`;
}

/** Comment lines become blanks of the same length, so that every offset stays what it was. */
function blankComments(text: string): string {
  return text.replaceAll(/^[ \t]*(?:#|\/\/|!).*$/gm, (line) => " ".repeat(line.length));
}
