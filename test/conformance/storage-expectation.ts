import { parseStorageLayout } from "../../src/config/storage-layout.ts";
import { displayOf } from "../../src/core/byte-string.ts";
import type { ErrorCode } from "../../src/core/error-codes.ts";
import type { Image } from "../../src/images/model.ts";
import { walkTree } from "../../src/images/tree.ts";
import type { StorageLayout } from "../../src/storage/plan/layout.ts";
import { type Meaning, meaningOf } from "./storage-meaning.ts";
import { recordedEvents } from "./storage-recorded.ts";
import type { Outcome } from "./storage-run.ts";
import { layoutTextOf, type StorageExpectation, type StorageVector } from "./storage-vector.ts";

/** What an installation must end with: our message has the text, or our error has one of the codes. */
export type ExpectedError =
  | { readonly text: string }
  | { readonly codes: readonly ErrorCode[]; readonly text?: string };

/** What this program has to do with a vector: what the original did, as changed by the rules. */
export interface Expectation {
  error: ExpectedError | undefined;
  /** What is wrong with the recording itself: a rule replaces something, but knows what it was. */
  fault: string | undefined;
  /** Undefined: nothing may be changed. */
  meaning: Meaning | undefined;
  /** Not everything has to be there: a failure stops what else is going on. */
  isPartial: boolean;
  driveOrder: readonly string[] | undefined;
  selected: readonly string[] | undefined;
  /** Of the original's log what tells decisions. */
  log: readonly string[];
  /** Undefined: not recorded. */
  files: Readonly<Record<string, string>> | undefined;
  /** There may be files that the recording does not tell of. */
  areFilesPartial: boolean;
  key:
    | {
        readonly path: string;
        readonly size: number;
        readonly mode: string;
        readonly temporary: "zeroed" | "removed";
      }
    | undefined;
  rebooter: string | undefined;
  logFiles: readonly string[] | undefined;
  /** The original could not release the target. */
  unmountError: string | undefined;
  /** What a rule asks for when the original's result cannot be carried over; replaces the comparison of the meaning. */
  checks: readonly ((outcome: Outcome) => string | undefined)[] | undefined;
  /** The original did not come to the drives, which may be too small: they are taken for large ones. */
  hasLargeDrives: boolean;
  /** The programs that were made to fail are none of ours. */
  isNothingMadeToFail: boolean;
}

/** What rules decide by: the input alone. */
export interface StorageCase {
  readonly vector: StorageVector;
  readonly recorded: StorageExpectation;
  /** Undefined: there is none, or it cannot be read. */
  readonly layout: StorageLayout | undefined;
  /** Paths in the image that was used; none when it was not recorded. */
  readonly imagePaths: ReadonlySet<string>;
}

const COMMAND_OUTPUT = /^(error installing GRUB on: [^:]+):.*$/s;

const DECISIONS = /^(found: |skipping |sorted drive list: |adding implied last partition: |got image: )/;

export function expectationOf(recorded: StorageExpectation): Expectation {
  const { error, key, files, unmountError } = recorded;
  const failedClose = /^error running: (\S+?):/.exec(unmountError ?? "")?.[1];
  return {
    error: failedClose === undefined ? textOfError(error) : { text: failedClose },
    fault: undefined,
    meaning: recorded.drives === undefined ? undefined : meaningOf(recordedEvents(recorded)),
    isPartial: false,
    driveOrder: recorded.driveOrder,
    selected: recorded.selected,
    log: recorded.log.filter((line) => DECISIONS.test(line)).map((line) => line.replace(/ in T$/, "")),
    files: recorded.rebooter === undefined ? undefined : files,
    areFilesPartial: false,
    key: key && {
      path: key.path,
      size: key.size,
      mode: key.mode,
      temporary: key.temporaryCopyIsZero ? "zeroed" : "removed",
    },
    rebooter: failedClose === undefined ? recorded.rebooter : undefined,
    logFiles: recorded.installerLogFiles,
    unmountError: failedClose === undefined ? unmountError : undefined,
    checks: undefined,
    hasLargeDrives: false,
    isNothingMadeToFail: false,
  };
}

/** The text of failing commands is not compared (INDEX.md). */
function textOfError(error: string | undefined): ExpectedError | undefined {
  return error === undefined ? undefined : { text: error.trimEnd().replace(COMMAND_OUTPUT, "$1") };
}

export function caseOf(
  vector: StorageVector,
  recorded: StorageExpectation,
  images: ReadonlyMap<string, Image>,
): StorageCase {
  return {
    vector,
    recorded,
    layout: readLayout(vector),
    imagePaths: pathsOf(images.get(imageName(vector, recorded).replaceAll("/", "_"))),
  };
}

/** The image that was used, which may not be the one asked for. */
function imageName({ image }: StorageVector, { log }: StorageExpectation): string {
  return log.map((line) => /^got image: (\S+)/.exec(line)?.[1]).find((name) => name !== undefined) ?? image;
}

function readLayout(vector: StorageVector): StorageLayout | undefined {
  const text = layoutTextOf(vector);
  if (text === undefined) return undefined;
  try {
    return parseStorageLayout("storage-layout.json", text).value;
  } catch {
    return undefined;
  }
}

function pathsOf(image: Image | undefined): ReadonlySet<string> {
  if (image?.fileSystem === undefined) return new Set();
  return new Set([...walkTree(image.fileSystem)].map(({ path }) => displayOf(path)));
}
