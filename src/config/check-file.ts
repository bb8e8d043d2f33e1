import type { z } from "zod";
import { type ConfiguredValue, listValues } from "./configured-values.ts";
import type { Diagnostic } from "./diagnostic.ts";
import { describeIssue, describeUnknownKey } from "./issue-text.ts";
import { positionOf } from "./json-node.ts";
import { findPlace, type JsonPath } from "./json-place.ts";
import { memberShape, type Shape, shapeOf } from "./json-shape.ts";
import { type JsonSource, parseJsonSource } from "./json-source.ts";
import { toPlainValue } from "./plain-value.ts";
import { findUnknownKeys } from "./unknown-keys.ts";

/** The place of a value in its file, as a diagnostic has it. */
export type Place = Pick<Diagnostic, "file" | "line" | "column" | "key">;

/** A file that has been looked at as a whole: everything that is wrong with it, and its value when nothing is. */
export interface CheckedFile<Value> {
  readonly file: string;
  readonly isJson: boolean;
  /** Undefined when a diagnostic is an error. */
  readonly value: Value | undefined;
  readonly diagnostics: readonly Diagnostic[];
  /** Every value with its origin; none for a file that is not JSON. */
  readonly values: readonly ConfiguredValue[];
  /** Where `path` is in the file, or would be; for what is wrong with values that are right by themselves. */
  readonly locate: (path: JsonPath) => Place;
}

/**
 * Checks the text of a file against a schema that is written in the original's spelling of keys. Keys match whatever
 * their case, a key that comes twice counts as written last, `null` leaves the default. In objects that are not strict
 * unknown keys are warnings.
 */
export function checkFile<Schema extends z.ZodType>(
  file: string,
  text: string,
  schema: Schema,
): CheckedFile<z.output<Schema>> {
  const parsed = parseJsonSource(file, text);
  if ("problem" in parsed) {
    const locate = (): Place => ({ file, line: 1, column: 1, key: "" });
    return { file, isJson: false, value: undefined, diagnostics: [parsed.problem], values: [], locate };
  }
  const { source } = parsed;
  const shape = shapeOf(schema);
  const result = schema.safeParse(toPlainValue(source.root, shape));
  const errors = result.error?.issues.flatMap((issue) => diagnose(issue, source, shape)) ?? [];
  return {
    file,
    isJson: true,
    value: result.data,
    diagnostics: [...warningsOf(source, shape, errors), ...errors],
    values: listValues(source, shape),
    locate: (path) => placeOf(source, shape, path),
  };
}

/** The same file with its value in another form. */
export function mapValue<From, To>(
  checked: CheckedFile<From>,
  transform: (value: From) => To,
): CheckedFile<To> {
  return { ...checked, value: checked.value === undefined ? undefined : transform(checked.value) };
}

function warningsOf(source: JsonSource, shape: Shape, errors: readonly Diagnostic[]): readonly Diagnostic[] {
  const unknown = findUnknownKeys(source.root, shape)
    // Some schemas make an error of one.
    .filter(({ spelling }) => !errors.some(({ key }) => key === spelling))
    .map(({ keyAt, spelling, message }): Diagnostic => {
      const position = positionOf(source.text, keyAt);
      return { file: source.file, ...position, severity: "warning", key: spelling, message };
    });
  return source.leftover === undefined ? unknown : [source.leftover, ...unknown];
}

function diagnose(issue: z.core.$ZodIssue, source: JsonSource, shape: Shape): readonly Diagnostic[] {
  const { path } = issue;
  if (issue.code === "unrecognized_keys") {
    const message = (key: string): string => describeUnknownKey(key, shapeAt(shape, path));
    return issue.keys.map((key) => {
      return { ...placeOfKey(source, shape, [...path, key]), severity: "error", message: message(key) };
    });
  }
  const { node } = findPlace(source.root, shape, path);
  const place = isKnown(shape, path) ? placeOf : placeOfKey;
  return [{ ...place(source, shape, path), severity: "error", message: describeIssue(issue, node) }];
}

function shapeAt(shape: Shape, path: JsonPath): Shape {
  return path.reduce<Shape>(
    (current, step) =>
      typeof step === "number" ? (current.items ?? {}) : memberShape(current, String(step)),
    shape,
  );
}

/** Whether the path ends at something that the schema has; else it is its key that is wrong. */
function isKnown(shape: Shape, path: JsonPath): boolean {
  const last = path.at(-1);
  const { properties } = shapeAt(shape, path.slice(0, -1));
  return typeof last !== "string" || properties === undefined || last in properties;
}

function placeOf(source: JsonSource, shape: Shape, path: JsonPath): Place {
  const { node, spelling } = findPlace(source.root, shape, path);
  return { file: source.file, ...positionOf(source.text, node.at), key: spelling };
}

/** As placeOf, but of the key itself rather than of its value. */
function placeOfKey(source: JsonSource, shape: Shape, path: JsonPath): Place {
  const { node, member, spelling } = findPlace(source.root, shape, path);
  return { file: source.file, ...positionOf(source.text, member?.keyAt ?? node.at), key: spelling };
}
