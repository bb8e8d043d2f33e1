import type { z } from "zod";
import { InstallerError } from "../core/errors.ts";
import { type JsonNode, positionOf } from "./json-node.ts";
import { formatPosition, type JsonSource } from "./json-source.ts";

/** A checked value and what was odd about its source. */
export interface Decoded<Value> {
  readonly value: Value;
  readonly warnings: readonly string[];
}

type PlainObject = { [key: string]: unknown };
type Path = readonly PropertyKey[];

/**
 * Checks a source against a schema whose keys are in lower case and whose objects are strict: keys match whatever
 * their case, a key that comes twice counts as written last, `null` leaves the default, integers arrive as bigint.
 * Unknown keys become warnings. Throws E_CONFIG_VALUE with file, line, column, key, and what was found and expected.
 */
export function decode<Schema extends z.ZodType>(
  source: JsonSource,
  schema: Schema,
): Decoded<z.output<Schema>> {
  const plain = toPlain(source.root);
  const first = schema.safeParse(plain);
  if (first.success) return { value: first.data, warnings: source.warnings };
  const unknownKeys = first.error.issues.flatMap((issue) =>
    issue.code === "unrecognized_keys" ? issue.keys.map((key) => [...issue.path, key]) : [],
  );
  for (const path of unknownKeys) removeAt(plain, path);
  const second = schema.safeParse(plain);
  if (!second.success) throw wrongValue(source, second.error.issues);
  const warnings = unknownKeys.map((path) => `${describePlace(source, path)}: unknown key, ignored`);
  return { value: second.data, warnings: [...source.warnings, ...warnings] };
}

/** `value` without positions: lower-case keys, integers as bigint, members that are null left out. */
function toPlain(node: JsonNode): unknown {
  switch (node.kind) {
    case "null":
      return null;
    case "true":
    case "false":
      return node.kind === "true";
    case "string":
      return node.value;
    case "number":
      return /^-?\d+$/.test(node.text) ? BigInt(node.text) : Number(node.text);
    case "array":
      return node.items.map(toPlain);
    case "object": {
      // No prototype, so that a key called `__proto__` is a key.
      const plain: PlainObject = Object.create(null) as PlainObject;
      for (const { key, value } of node.members)
        if (value.kind !== "null") plain[key.toLowerCase()] = toPlain(value);
      return plain;
    }
  }
}

function removeAt(plain: unknown, path: Path): void {
  const key = path.at(-1);
  const parent = path
    .slice(0, -1)
    .reduce<unknown>((value, step) => (value as PlainObject)[String(step)], plain);
  delete (parent as PlainObject)[String(key)];
}

function wrongValue(source: JsonSource, issues: readonly z.core.$ZodIssue[]): InstallerError {
  const [issue, ...others] = issues;
  const path = issue?.path ?? [];
  const what = issue === undefined ? "invalid" : describeIssue(issue, findNode(source.root, path).node);
  const more = others.map((other) => `${describePlace(source, other.path)}: ${other.message}`);
  return new InstallerError(
    "E_CONFIG_VALUE",
    `${describePlace(source, path)}: ${what}`,
    more.length > 0 ? { hint: `also wrong: ${more.slice(0, 10).join("; ")}` } : {},
  );
}

function describeIssue(issue: z.core.$ZodIssue, node: JsonNode): string {
  if (issue.code === "invalid_type")
    return `found ${describeNode(node)}, expected ${describeType(issue.expected)}`;
  if (issue.code === "too_small" || issue.code === "too_big")
    return `found ${describeNode(node)}, expected ${issue.code === "too_small" ? `at least ${issue.minimum}` : `at most ${issue.maximum}`}`;
  return issue.message;
}

function describeType(expected: string): string {
  if (expected === "bigint") return "an integer without fraction or exponent";
  return /^[aeiou]/.test(expected) ? `an ${expected}` : `a ${expected}`;
}

function describeNode(node: JsonNode): string {
  switch (node.kind) {
    case "string":
      return JSON.stringify(node.value.length > 60 ? `${node.value.slice(0, 60)}…` : node.value);
    case "number":
      return node.text.slice(0, 60);
    case "array":
    case "object":
      return `an ${node.kind}`;
    default:
      return node.kind;
  }
}

/** `config.json:7:23: Machine.HostIpAddress`, with the keys as they are spelt in the file. */
function describePlace(source: JsonSource, path: Path): string {
  const { node, spelling } = findNode(source.root, path);
  const position = formatPosition(source.file, positionOf(source.text, node.at));
  return spelling === "" ? position : `${position}: ${spelling}`;
}

/** The node at `path`, or its nearest ancestor that exists, and the path as spelt in the file. */
function findNode(root: JsonNode, path: Path): { readonly node: JsonNode; readonly spelling: string } {
  let node = root;
  let spelling = "";
  for (const step of path) {
    if (node.kind === "array") {
      node = node.items[Number(step)] ?? node;
      spelling += `[${String(step)}]`;
    } else if (node.kind === "object") {
      const member = node.members.findLast(
        ({ key, value }) => key.toLowerCase() === step && value.kind !== "null",
      );
      spelling += `${spelling === "" ? "" : "."}${member?.key ?? String(step)}`;
      node = member?.value ?? node;
    }
  }
  return { node, spelling };
}
