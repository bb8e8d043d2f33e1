import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

import { type Command, type CommandContext, defineCommand } from "../../src/cli/command.ts";
import type { FlagTable } from "../../src/cli/flags/flag-table.ts";
import { formatFlagValue } from "../../src/cli/flags/flag-types.ts";
import { installerFlags } from "../../src/cli/flags/installer-flags.ts";
import { formatSize, parseSize } from "../../src/core/byte-size.ts";
import { saturatedNumber } from "../../src/core/integer.ts";
import { runInProcess } from "../support/program-in-process.ts";
import { difference, sizeRuleOf } from "./misc-formats.ts";
import type { Report } from "./report.ts";
import { readVectors, textOf, type VectorText } from "./vector-text.ts";

interface FlagCase {
  readonly name: string;
  readonly argv: readonly VectorText[];
  readonly files?: Readonly<Record<string, VectorText | { readonly directory: true }>>;
  readonly changed?: Readonly<Record<string, string>>;
  readonly args?: readonly VectorText[];
  readonly exit?: number;
  readonly stderrFirstLine?: string;
  readonly usageFollows?: boolean;
}

interface FlagVectors {
  readonly defaults?: Readonly<Record<string, string>>;
  readonly cases: readonly FlagCase[];
}

/** How many cases are also given to the program as a child process. */
const CHILD_CASES = 6;

/** As the vectors were made: run by root. */
const FLAGS: FlagTable = installerFlags({ effectiveUserId: 0, processId: 1 });

export async function checkFlags(vectorDirectory: string, report: Report): Promise<void> {
  const vectors = await readVectors<FlagVectors>(vectorDirectory, "misc/flags.json");
  if (vectors === undefined) return;
  for (const [name, text] of Object.entries(vectors.defaults ?? {})) {
    if (name === "version") continue;
    await report.check(`flags: default of ${name}`, () => difference(defaultOf(name), text));
  }
  for (const flagCase of vectors.cases) {
    await report.check(`flags: ${flagCase.name}`, () => checkCase(flagCase, report));
  }
  const forChild = vectors.cases.filter(
    (flagCase) => flagCase.exit !== undefined && flagCase.files === undefined,
  );
  for (const flagCase of forChild.slice(0, CHILD_CASES)) {
    await report.check(`flags: ${flagCase.name} as a child process`, () => checkChild(flagCase));
  }
}

function defaultOf(name: string): string | undefined {
  const spec = FLAGS[name];
  return spec === undefined ? undefined : formatFlagValue(spec.type, spec.default);
}

type Outcome =
  | { readonly changed: Readonly<Record<string, string>>; readonly args: readonly string[] }
  | { readonly exit: number; readonly stderr: string };

async function checkCase(flagCase: FlagCase, report: Report): Promise<string | undefined> {
  const found = await runCase(flagCase);
  for (const rule of RULES) {
    const ruling = rule(flagCase, found);
    if (ruling === undefined) continue;
    report.applyRule(ruling.id);
    return ruling.failure;
  }
  if (flagCase.exit !== undefined) {
    return "exit" in found ? checkFailure(flagCase, found.exit, found.stderr) : "was accepted";
  }
  if ("exit" in found) return `was refused: ${firstLineOf(found)}`;
  const { changed = {}, args = [] } = flagCase;
  return difference(sorted(found.changed), sorted(changed)) ?? difference(found.args, args.map(textOf));
}

/** Runs the program with commands that only remember what they were called with. */
async function runCase(flagCase: FlagCase): Promise<Outcome> {
  let outcome: Outcome | undefined;
  const remember = (context: CommandContext, args: readonly string[]) => {
    outcome = { changed: changedFlags(context), args };
    return Promise.resolve(0);
  };
  const anyCommand = (name: string): Command => ({
    ...defineCommand({ name, args: [], exitCodes: "original" }),
    words: [name],
    parse: (argv) => (context) => remember(context, [name, ...argv]),
  });
  const { exitCode, stderr } = await runInProcess({
    argv: flagCase.argv.map(textOf),
    files: virtualFiles(flagCase),
    daemon: { ...anyCommand(""), parse: () => (context) => remember(context, []) },
    commands: (flagCase.args ?? []).slice(0, 1).map((name) => anyCommand(textOf(name))),
  });
  return outcome ?? { exit: exitCode, stderr };
}

function virtualFiles({ files = {} }: FlagCase): Map<string, string | { readonly directory: true }> {
  return new Map(
    Object.entries(files).map(([name, content]) => [
      `/etc/installer/${name}`,
      typeof content !== "string" && "directory" in content ? content : textOf(content),
    ]),
  );
}

function changedFlags(context: CommandContext): Record<string, string> {
  const values: Readonly<Record<string, unknown>> = context.flags;
  const changed: Record<string, string> = {};
  for (const [name, spec] of Object.entries(FLAGS)) {
    const text = formatFlagValue(spec.type, values[name] as typeof spec.default);
    if (text !== defaultOf(name)) changed[name] = text;
  }
  return changed;
}

function checkFailure(flagCase: FlagCase, exit: number, stderr: string): string | undefined {
  const [firstLine = "", ...rest] = stderr.split("\n");
  const hasUsage = rest.join("\n").startsWith("Usage: installer ");
  return difference(
    { exit, stderrFirstLine: firstLine, usageFollows: hasUsage },
    { exit: flagCase.exit, stderrFirstLine: flagCase.stderrFirstLine, usageFollows: flagCase.usageFollows },
  );
}

/** A deliberate difference that applies to a case; `failure` says how the program misses even that. */
interface Ruling {
  readonly id: string;
  readonly failure?: string | undefined;
}

const RULES: readonly ((flagCase: FlagCase, found: Outcome) => Ruling | undefined)[] = [
  ruleOnFlagFileError,
  ruleOnSize,
  ruleOnPort,
  ruleOnLargeNumber,
];

/** We name the file, the line and the flag before the words of the original. */
function ruleOnFlagFileError(flagCase: FlagCase, found: Outcome): Ruling | undefined {
  const { exit, files, stderrFirstLine = "" } = flagCase;
  if (files === undefined || exit !== 1 || stderrFirstLine.startsWith("read ")) return undefined;
  const firstLine = firstLineOf(found);
  const isNamed = /^\/etc\/installer\/flags\.(default|extra):[0-9]+: /.test(firstLine);
  const isSame = isNamed && firstLine.endsWith(stderrFirstLine) && "exit" in found && found.exit === 1;
  return { id: "R-CLI-FLAGFILE-ERRORS", failure: isSame ? undefined : `found ${JSON.stringify(found)}` };
}

/** Decimal suffixes work, and what does not fit into 64 bits is refused. */
function ruleOnSize(flagCase: FlagCase, found: Outcome): Ruling | undefined {
  const words = flagCase.argv.map(textOf);
  for (const [index, word] of words.entries()) {
    const [, name = "", attached] = /^--?([^=]+)(?:=(.*))?$/s.exec(word) ?? [];
    const rule = FLAGS[name]?.type === "size" ? sizeRuleOf(attached ?? words[index + 1] ?? "") : undefined;
    if (rule === undefined) continue;
    const text = "changed" in found ? (found.changed[name] ?? defaultOf(name)) : undefined;
    return {
      id: rule.id,
      failure: difference(text && String(parseSize(text)), rule.value && String(rule.value)),
    };
  }
  return undefined;
}

/** No machine has such a port. */
function ruleOnPort(flagCase: FlagCase, found: Outcome): Ruling | undefined {
  const isPort = ([name, text]: readonly [string, string]) =>
    FLAGS[name]?.type === "port" && BigInt(text) > 65_535n;
  if (!Object.entries(flagCase.changed ?? {}).some(isPort)) return undefined;
  const isRefused = firstLineOf(found).endsWith(": value out of range");
  return { id: "R-CLI-PORT-RANGE", failure: isRefused ? undefined : `found ${JSON.stringify(found)}` };
}

/** Counts and sizes beyond 2^53-1 are taken as 2^53-1. */
function ruleOnLargeNumber(flagCase: FlagCase, found: Outcome): Ruling | undefined {
  const expected = Object.entries(flagCase.changed ?? {});
  const saturated = expected.map(([name, text]) => [name, saturatedText(name, text)] as const);
  const isSame = saturated.every(([, text], index) => text === expected[index]?.[1]);
  if (isSame) return undefined;
  const changed = "changed" in found ? sorted(found.changed) : found;
  return { id: "R-CLI-NUMBER-LIMIT", failure: difference(changed, sorted(Object.fromEntries(saturated))) };
}

function saturatedText(name: string, text: string): string {
  const type = FLAGS[name]?.type;
  if (type === "size") return formatSize(saturatedNumber(parseSize(text)));
  return type === "int" || type === "uint" ? String(saturatedNumber(BigInt(text))) : text;
}

function firstLineOf(found: Outcome): string {
  return "exit" in found ? (found.stderr.split("\n")[0] ?? "") : "";
}

function sorted(record: Readonly<Record<string, string>>): readonly (readonly [string, string])[] {
  return Object.entries(record)
    .map(
      ([name, text]) =>
        [name, FLAGS[name]?.type === "set" ? text.split(",").toSorted().join(",") : text] as const,
    )
    .toSorted(([left], [right]) => (left < right ? -1 : 1));
}

const MAIN = fileURLToPath(new URL("../../src/main.ts", import.meta.url));

/** The same through the real program; its own machine may have flag files, so only for cases that fail early. */
function checkChild(flagCase: FlagCase): string | undefined {
  const child = spawnSync(process.execPath, [MAIN, ...flagCase.argv.map(textOf)], { encoding: "utf8" });
  return checkFailure(flagCase, child.status ?? -1, child.stderr);
}
