import { type CheckedFile } from "../../config/check-file.ts";
import type { ConfiguredValue } from "../../config/configured-values.ts";
import { compareDiagnostics, type Diagnostic } from "../../config/diagnostic.ts";
import { CONFIG_FILE, MAXIMUM_FILE_BYTES } from "../../config/files.ts";
import { checkMachineConfig } from "../../config/machine-config.ts";
import { findMachineProblems } from "../../config/machine-problems.ts";
import { locateProblems, type Problem } from "../../config/problem.ts";
import { checkStorageLayout } from "../../config/storage-layout.ts";
import { errnoOf, messageChain } from "../../core/errors.ts";
import { findNearestWord } from "../../core/nearest-word.ts";
import type { FileSystem } from "../../system/files.ts";
import { findLayoutProblems } from "./layout-problems.ts";
import { findNetworkPlanProblems } from "./network-plan-problems.ts";
import {
  checkImageNameFile,
  checkImageServerFile,
  checkRandomSeedSize,
  problemAt,
} from "./text-file-problems.ts";

/** A value of a configuration and the file that it is in, or would be. */
export interface FolderValue extends ConfiguredValue {
  readonly file: string;
}

/** All that can be said about a configuration without a machine. */
export interface FolderReport {
  readonly diagnostics: readonly Diagnostic[];
  readonly values: readonly FolderValue[];
}

export interface FolderRequest {
  readonly directory: string;
  /** The image server is given by a flag, so that the file need not be there. */
  readonly isImageServerGiven: boolean;
}

type Files = Pick<FileSystem, "readFile" | "readDirectoryText">;
type CheckText = (path: string, text: string) => Pick<FolderReport, "diagnostics"> & Partial<FolderReport>;

/** hyper-control writes it beside the others; the installer makes its own. */
const OTHER_FILES = ["resolv.conf"];

/** Checks every file of a configuration, and what they say together. System errors of the directory as they are. */
export async function checkFolder(files: Files, request: FolderRequest): Promise<FolderReport> {
  const names = await files.readDirectoryText(request.directory);
  const path = (name: string): string => `${request.directory}/${name}`;
  const check = (name: string, isRequired: boolean, checkText: CheckText): Promise<FolderReport> =>
    checkOne(files, path(name), isRequired, checkText);
  const text =
    (checkText: (file: string, content: string) => readonly Diagnostic[]): CheckText =>
    (file, content) => ({ diagnostics: checkText(file, content) });
  const reports = await Promise.all([
    check(CONFIG_FILE.machine, true, (file, content) =>
      withProblems(checkMachineConfig(file, content), (network) => [
        ...findMachineProblems(network),
        ...findNetworkPlanProblems(network),
      ]),
    ),
    check(CONFIG_FILE.storageLayout, true, (file, content) =>
      withProblems(checkStorageLayout(file, content), findLayoutProblems),
    ),
    check(CONFIG_FILE.imageName, true, text(checkImageNameFile)),
    check(CONFIG_FILE.toolsImageName, false, text(checkImageNameFile)),
    check(CONFIG_FILE.imageServer, !request.isImageServerGiven, text(checkImageServerFile)),
    check(
      CONFIG_FILE.randomSeed,
      false,
      text((file, content) => checkRandomSeedSize(file, content.length)),
    ),
  ]);
  const misspelt = names.flatMap((name) => findMisspeltName(name, path(name), names));
  return {
    diagnostics: [...reports.flatMap(({ diagnostics }) => diagnostics), ...misspelt].toSorted(
      compareDiagnostics,
    ),
    values: reports.flatMap(({ values }) => values),
  };
}

async function checkOne(
  files: Files,
  path: string,
  isRequired: boolean,
  checkText: CheckText,
): Promise<FolderReport> {
  try {
    // One character a byte for the seed, which is no text; the others are.
    const content = await files.readFile(path, { limitBytes: MAXIMUM_FILE_BYTES });
    const isText = !path.endsWith(`/${CONFIG_FILE.randomSeed}`);
    return { values: [], ...checkText(path, content.toString(isText ? "utf8" : "latin1")) };
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    const isAbsent = errnoOf(error) === "ENOENT";
    if (isAbsent && !isRequired) return { diagnostics: [], values: [] };
    const message = isAbsent ? "there is no such file" : messageChain(error);
    return { diagnostics: [problemAt(path, "", 0, "error", message)], values: [] };
  }
}

/** What is wrong in itself, and, only when nothing is, what does not fit together. */
function withProblems<Value>(
  checked: CheckedFile<Value>,
  find: (value: Value) => readonly Problem[],
): FolderReport {
  const { file, value, values, diagnostics } = checked;
  const problems = value === undefined ? [] : locateProblems(checked, find(value));
  return {
    diagnostics: [...diagnostics, ...problems],
    values: values.map((entry) => ({ file, ...entry })),
  };
}

/** A file that nothing reads, but that is called almost as one that is missing. */
function findMisspeltName(name: string, path: string, present: readonly string[]): readonly Diagnostic[] {
  const known: readonly string[] = [...Object.values(CONFIG_FILE), ...OTHER_FILES];
  if (known.includes(name)) return [];
  const nearest = findNearestWord(
    name,
    known.filter((other) => !present.includes(other)),
  );
  return nearest === undefined
    ? []
    : [problemAt(path, "", 0, "warning", `unknown file, ignored; did you mean ${nearest}?`)];
}
