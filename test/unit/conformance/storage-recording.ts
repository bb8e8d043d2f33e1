import { readFileSync } from "node:fs";
import { join } from "node:path";
import { checkStorageVector } from "../../conformance/storage.ts";
import { loadImages } from "../../conformance/storage-images.ts";
import { parseStorageVector, type RecordedEvent } from "../../conformance/storage-vector.ts";

export const VECTORS = join(import.meta.dirname, "../../vectors");
const STORAGE = join(VECTORS, "storage");
const images = await loadImages(join(STORAGE, "images"));

/** What is recorded for a case, to be changed. */
export interface Recording {
  imageUsage: string;
  drives: { name: string; sizeSectors: number; link: string; removable: string; notlink?: boolean }[];
  layout: {
    BootDriveLayout: Record<string, unknown>[];
    ExtraMountPointsBasename?: string;
    Encrypt?: boolean;
  };
  driveSelectorOutput?: string;
  failingCommands?: string[][];
  failingMounts?: string[];
  expected: {
    error?: string;
    crash?: string;
    log: string[];
    driveOrder: string[];
    selected: string[];
    drives: Record<
      string,
      { start: RecordedEvent[]; partitions: Record<string, RecordedEvent[]>; finish: RecordedEvent[] }
    >;
    files: Record<string, string>;
    key: { size: number };
    rebooter: string;
    installerLogFiles: string[];
    unmount: RecordedEvent[];
    unmount_luksClose_beforeMountPoint: RecordedEvent[];
  };
}

export type Change = (recording: Recording) => void;

/** Why a recorded case does not pass when it is changed; undefined when it does. */
export async function verdictOn(
  name: string,
  change: Change,
): Promise<{ why: string | undefined; rules: string[] }> {
  const recording = JSON.parse(readFileSync(join(STORAGE, `${name}.json`), "utf8")) as Recording;
  change(recording);
  const vector = parseStorageVector(JSON.stringify(recording));
  if (typeof vector === "string") return { why: vector, rules: [] };
  const rules: string[] = [];
  return { why: await checkStorageVector(vector, images, { applyRule: (id) => rules.push(id) }), rules };
}

/** Replaces text in the words of all commands. */
export function inCommands(from: string, to: string): Change {
  return ({ expected }) => {
    for (const { start, partitions, finish } of Object.values(expected.drives))
      for (const { run } of [start, finish, ...Object.values(partitions ?? {})].flat())
        for (const [index, word] of (run ?? []).entries())
          if (run !== undefined) run[index] = word.replace(from, to);
  };
}

export function inFile(path: string, from: string, to: string): Change {
  return ({ expected }) => {
    expected.files[path] = (expected.files[path] ?? "").replace(from, to);
  };
}

export function partition({ expected }: Recording, device: string): RecordedEvent[] {
  return expected.drives["/dev/sda"]?.partitions[device] ?? [];
}
