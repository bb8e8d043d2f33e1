import { z } from "zod";
import { parseVector } from "./vector-text.ts";

const KINDS = ["run", "mount", "bind", "unmount", "erase"] as const;

const eventFields = z.object({
  run: z.array(z.string()).min(1).optional(),
  chroot: z.string().optional(),
  fails: z.boolean().optional(),
  bootLoader: z.boolean().optional(),
  mount: z.string().optional(),
  bind: z.string().optional(),
  on: z.string().optional(),
  type: z.string().optional(),
  unmount: z.string().optional(),
  erase: z.string().optional(),
  /** Of mounts and unmounts; absent: it worked. */
  result: z.string().optional(),
});
const event = eventFields.refine((fields) => KINDS.some((kind) => fields[kind] !== undefined), {
  error: "an event of unknown kind",
});
const events = z.array(event).optional();

const driveEvents = z.object({
  start: events,
  partitions: z.record(z.string(), z.array(event)).optional(),
  finish: events,
  kexec: event.optional(),
});

const expected = z.object({
  error: z.string().optional(),
  crash: z.unknown().optional(),
  log: z.array(z.string()).default([]),
  driveOrder: z.array(z.string()).optional(),
  selected: z.array(z.string()).optional(),
  before: events,
  drives: z.record(z.string(), driveEvents).optional(),
  files: z.record(z.string(), z.string()).default({}),
  key: z
    .object({ path: z.string(), size: z.number(), mode: z.string(), temporaryCopyIsZero: z.boolean() })
    .optional(),
  rebooter: z.string().optional(),
  installerLogFiles: z.array(z.string()).optional(),
  unmount: events,
  unmount_luksClose_beforeMountPoint: events,
  unmountError: z.string().optional(),
});

const drive = z.object({
  name: z.string().min(1),
  sizeSectors: z.union([z.number(), z.string()]),
  removable: z.string().optional(),
  link: z.string(),
  partition: z.boolean().optional(),
  nodevice: z.boolean().optional(),
  unreadable: z.boolean().optional(),
  notlink: z.boolean().optional(),
});

/** What fails: words that are all in its line, or one text that is in it. */
const failing = z.array(z.union([z.string(), z.array(z.string())])).optional();

const storageVector = z
  .object({
    name: z.string().min(1),
    layout: z.unknown().optional(),
    layoutText: z.string().optional(),
    drives: z.array(drive),
    efi: z.boolean(),
    image: z.string(),
    imageUsage: z.union([z.string().regex(/^\d+$/), z.number().int()]).optional(),
    toolsImage: z.string().optional(),
    failingCommands: failing,
    failingMounts: failing,
    driveSelectorOutput: z.string().optional(),
    drivesWithOldPartitions: z.unknown().optional(),
    oldRootHasEtc: z.boolean().optional(),
    partedPublishesPartitions: z.boolean().optional(),
    expected: expected.optional(),
    expectedAnyOf: z.array(expected).min(1).optional(),
    dryRunOfUnmodifiedProgram: z
      .object({ files: z.record(z.string(), z.string()).default({}) })
      .loose()
      .optional(),
  })
  .refine((vector) => vector.expected !== undefined || vector.expectedAnyOf !== undefined, {
    error: "there is no expectation",
  });

/** A recorded installation (vectors/storage/INDEX.md). */
export type StorageVector = z.output<typeof storageVector>;
export type StorageExpectation = z.output<typeof expected>;
export type RecordedEvent = z.output<typeof event>;
export type VectorDrive = z.output<typeof drive>;

/** The vector, or why the text is none. */
export function parseStorageVector(text: string): StorageVector | string {
  return parseVector(storageVector, text);
}

/** The text of storage-layout.json; undefined when there is no such file. */
export function layoutTextOf({ layout, layoutText }: StorageVector): string | undefined {
  if (layoutText !== undefined) return layoutText;
  return layout === undefined || layout === null ? undefined : JSON.stringify(layout);
}

/** True when the recorder made this line of words fail. */
export function isMadeToFail(rules: StorageVector["failingCommands"], line: string): boolean {
  return (rules ?? []).some((words) => [words].flat().every((word) => line.includes(word)));
}
