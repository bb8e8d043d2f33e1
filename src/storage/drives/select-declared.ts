import { formatBytes } from "../../core/byte-size.ts";
import { InstallerError } from "../../core/errors.ts";
import {
  type CountedDriveSelector,
  type DriveSelector,
  findMismatches,
  formatSelector,
  namesOneDrive,
} from "./drive-selector.ts";
import type { Drive } from "./drives.ts";
import type { DriveReport } from "./survey-drives.ts";

export interface DeclaredSelection {
  readonly bootDrive: DriveSelector;
  readonly dataDrives: readonly CountedDriveSelector[];
}

/** One selector with its place in the file. */
interface Rule {
  /** `BootDrive`, `DataDrives[0]` */
  readonly key: string;
  readonly selector: DriveSelector;
  readonly count: number;
}

/** How one drive fares under one rule. */
interface Judgement {
  readonly report: DriveReport;
  /** `refused`: it is what the selector says, but may not be taken by it. */
  readonly outcome: "match" | "refused" | "other";
  /** For people. */
  readonly text: string;
}

/**
 * The drives that the layout names, the boot drive first; data drives in the order of their selectors, those of one
 * selector in bus order. Each selector has to match as many drives as it says among those that no earlier one took: there
 * is no fallback, and no drive is touched that is not named.
 *
 * `members` tells (by drive name) which drives are part of something larger, an LVM group say: only a selector with serial
 * number, world-wide name or path may take them. Throws E_DRIVE_SELECTION with a line for each drive and why it does not
 * match, E_NO_DRIVES when there is none at all.
 */
export function selectDeclared(
  reports: readonly DriveReport[],
  { bootDrive, dataDrives }: DeclaredSelection,
  members: ReadonlyMap<string, string>,
): readonly [Drive, ...Drive[]] {
  if (reports.length === 0) throw new InstallerError("E_NO_DRIVES", "no drives found");
  const owners = new Map<string, string>();
  const take = (rule: Rule): readonly [Drive, ...Drive[]] => {
    if (formatSelector(rule.selector) === "") throw emptySelector(rule.key);
    const judgements = reports.map((report) => judge(report, rule, members, owners));
    const [first, ...others] = judgements.flatMap(({ outcome, report }) =>
      outcome === "match" ? (report.drive ?? []) : [],
    );
    const isRefused = judgements.some(({ outcome }) => outcome === "refused");
    if (first === undefined || isRefused || 1 + others.length !== rule.count)
      throw wrongSelection(rule, judgements);
    for (const { name } of [first, ...others]) owners.set(name, rule.key);
    return [first, ...others];
  };
  const [boot] = take({ key: "BootDrive", selector: bootDrive, count: 1 });
  const data = dataDrives.flatMap((selector, index) =>
    take({ key: `DataDrives[${index}]`, selector, count: selector.count }),
  );
  return [boot, ...data];
}

/** For people: `BootDrive (Serial "S1"), 2 DataDrives (Transport sas)`. */
export function formatDeclaration({ bootDrive, dataDrives }: DeclaredSelection): string {
  const data = dataDrives.map((selector) => `${selector.count} DataDrives (${formatSelector(selector)})`);
  return [`BootDrive (${formatSelector(bootDrive)})`, ...data].join(", ");
}

function judge(
  report: DriveReport,
  { selector }: Rule,
  members: ReadonlyMap<string, string>,
  owners: ReadonlyMap<string, string>,
): Judgement {
  const { name, drive, reason } = report;
  const mismatches = drive === undefined ? ["identity is unknown"] : findMismatches(drive, selector);
  const owner = owners.get(name);
  const member = members.get(name);
  if (reason !== undefined) {
    const prefix = mismatches.length === 0 ? "matches, but " : "";
    return { report, outcome: "other", text: `${prefix}cannot be used: ${reason}` };
  }
  if (owner !== undefined) return { report, outcome: "other", text: `already selected by ${owner}` };
  if (mismatches.length > 0) return { report, outcome: "other", text: `no match: ${mismatches.join(", ")}` };
  if (member !== undefined && !namesOneDrive(selector)) {
    const text = `matches, but is a member of ${member}; name it by Serial, Wwn or Path`;
    return { report, outcome: "refused", text };
  }
  return { report, outcome: "match", text: "matches" };
}

function emptySelector(key: string): InstallerError {
  return new InstallerError(
    "E_DRIVE_SELECTION",
    `${key} in storage-layout.json does not say which drive is meant`,
  );
}

function wrongSelection({ key, selector, count }: Rule, judgements: readonly Judgement[]): InstallerError {
  const matching = judgements.filter(({ outcome }) => outcome === "match").length;
  const refused = judgements.filter(({ outcome }) => outcome === "refused").length;
  const found = matching + refused === 0 ? "none" : String(matching + refused);
  const refusal = refused === 0 ? "" : `, ${refused} of them not to be taken without being named`;
  const wanted = `exactly ${count} ${count === 1 ? "drive" : "drives"}`;
  const lines = judgements.map(({ report, text }) => `\n  ${formatIdentity(report)}: ${text}`);
  return new InstallerError(
    "E_DRIVE_SELECTION",
    `${key} in storage-layout.json (${formatSelector(selector)}) has to match ${wanted} and matches ${found}${refusal}${lines.join("")}`,
  );
}

/** For people: what a selector could name a drive by. */
function formatIdentity({ name, drive }: DriveReport): string {
  if (drive === undefined) return name;
  const { sizeBytes, model, serial, path } = drive;
  return [
    `${name} ${formatBytes(sizeBytes)}`,
    `model ${JSON.stringify(model)}`,
    `serial ${JSON.stringify(serial)}`,
    `path ${path === "" ? "unknown" : path}`,
  ].join(", ");
}
