import { translateExpression } from "../../images/re2-expression.ts";
import type { CharacterSet } from "./character-set.ts";
import { type Assertion, ExpressionTooLargeError, type Part, parseParts } from "./expression-parts.ts";

/** A step of a nondeterministic automaton; numbers are places in the program. */
export type Instruction =
  | { readonly kind: "set"; readonly set: CharacterSet }
  | { readonly kind: "assert"; readonly assertion: Assertion }
  | { readonly kind: "split"; readonly targets: readonly number[] }
  | { readonly kind: "match" };

const LONGEST_EXPRESSION = 512;
/** Bounds the work for each character of a line, so that no line takes longer than some 40 ms. */
const MOST_INSTRUCTIONS = 500;

/**
 * The automaton of a Go (RE2) expression; instruction 0 is where it starts. Throws ExpressionError with Go's words for
 * what Go refuses, and ExpressionTooLargeError.
 */
export function compileProgram(expression: string): readonly Instruction[] {
  if (expression.length > LONGEST_EXPRESSION) throw new ExpressionTooLargeError();
  const program: Instruction[] = [];
  emit(parseParts(translateExpression(expression).source), program);
  program.push({ kind: "match" });
  return program;
}

/** Adds the instructions of `part`; what comes after it follows them. */
function emit(part: Part, program: Instruction[]): void {
  if (program.length > MOST_INSTRUCTIONS) throw new ExpressionTooLargeError();
  switch (part.kind) {
    case "set":
    case "assert":
      program.push(part);
      return;
    case "sequence":
      for (const inner of part.parts) emit(inner, program);
      return;
    case "choice":
      emitChoice(part.parts, program);
      return;
    case "repeat":
      emitRepeat(part, program);
  }
}

function emitChoice(parts: readonly Part[], program: Instruction[]): void {
  const start = reserve(program);
  const beginnings: number[] = [];
  const ends: number[] = [];
  for (const part of parts) {
    beginnings.push(program.length);
    emit(part, program);
    ends.push(reserve(program));
  }
  program[start] = { kind: "split", targets: beginnings };
  for (const end of ends) program[end] = { kind: "split", targets: [program.length] };
}

function emitRepeat(
  { part, least, most }: { readonly part: Part; readonly least: number; readonly most: number },
  program: Instruction[],
): void {
  for (let count = 0; count < least; count++) emit(part, program);
  if (most === Number.POSITIVE_INFINITY) {
    const start = reserve(program);
    emit(part, program);
    program.push({ kind: "split", targets: [start] });
    program[start] = { kind: "split", targets: [start + 1, program.length] };
    return;
  }
  const exits: number[] = [];
  for (let count = least; count < most; count++) {
    exits.push(reserve(program));
    emit(part, program);
  }
  for (const exit of exits) program[exit] = { kind: "split", targets: [exit + 1, program.length] };
}

/** A place for an instruction that is known later. */
function reserve(program: Instruction[]): number {
  if (program.length > MOST_INSTRUCTIONS) throw new ExpressionTooLargeError();
  program.push({ kind: "match" });
  return program.length - 1;
}
