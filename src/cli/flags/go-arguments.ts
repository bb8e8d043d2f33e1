import { InstallerError } from "../../core/errors.ts";
import { type FlagCommand, findFlag, formatFlagWord } from "./flag-command.ts";

/** Why reading stopped before the operands. */
export type EarlyStop = "help" | "version";

export interface GoArguments {
  /** What follows the flags. */
  readonly operands: readonly string[];
  /** The operator asked for a text instead of work. */
  readonly stop?: EarlyStop;
}

/**
 * Sets the flags that lead `argv` on `command`, by the rules of Go's flag package (spec/cli.md section 4), and returns the
 * rest. With `flagsAnywhere`, flags may also follow operands, up to `--`.
 *
 * Throws E_USAGE for the first mistake from the left, in Go's words.
 */
export function applyGoArguments(
  command: FlagCommand,
  argv: readonly string[],
  options: { readonly flagsAnywhere?: boolean } = {},
): GoArguments {
  const operands: string[] = [];
  for (let index = 0; index < argv.length; ) {
    const word = argv[index] ?? "";
    if (word === "--") return { operands: [...operands, ...argv.slice(index + 1)] };
    if (!isFlagWord(word)) {
      if (options.flagsAnywhere !== true) return { operands: argv.slice(index) };
      operands.push(word);
      index += 1;
      continue;
    }
    const flag = readFlag(command, word, argv[index + 1]);
    if ("stop" in flag) return { operands: [], stop: flag.stop };
    command.parseOptions([formatFlagWord(flag.name, flag.text)]);
    index += flag.wordCount;
  }
  return { operands };
}

/** A lone dash is an operand. */
function isFlagWord(word: string): boolean {
  return word.startsWith("-") && word.length > 1;
}

interface FlagSetting {
  readonly name: string;
  readonly text: string;
  /** 2 when the value was the next word. */
  readonly wordCount: 1 | 2;
}

function readFlag(
  command: FlagCommand,
  word: string,
  nextWord: string | undefined,
): FlagSetting | { readonly stop: EarlyStop } {
  const { name, value } = splitFlagWord(word);
  const flag = findFlag(command, name);
  if (flag === undefined) {
    if (name === "h" || name === "help") return { stop: "help" };
    throw new InstallerError("E_USAGE", `flag provided but not defined: -${name}`);
  }
  // As in the original, asking for the version is an act, whatever value is attached.
  if (name === "version") return { stop: "version" };
  if (value !== undefined) return { name, text: value, wordCount: 1 };
  if (flag.isBoolean) return { name, text: "true", wordCount: 1 };
  if (nextWord === undefined) throw new InstallerError("E_USAGE", `flag needs an argument: -${name}`);
  return { name, text: nextWord, wordCount: 2 };
}

/** One or two dashes, a name that does not start with one, and perhaps a value, which may be empty. */
const FLAG_WORD = /^--?([^-=][^=]*)(?:=(.*))?$/s;

function splitFlagWord(word: string): { readonly name: string; readonly value: string | undefined } {
  const [, name, value] = FLAG_WORD.exec(word) ?? [];
  if (name === undefined) throw new InstallerError("E_USAGE", `bad flag syntax: ${word}`);
  return { name, value };
}
