import { type Facts, type PartitionTable, parseCommand } from "./storage-commands.ts";
import type { MachineEvent, MountMeaning, PhasedEvents } from "./storage-events.ts";

export interface DriveMeaning {
  table: PartitionTable | undefined;
  /** What was done to the drive itself, in order: `discard`, `discard fails`, `table` … */
  steps: readonly string[];
}

export interface VolumeMeaning {
  encryption: Facts | undefined;
  opening: Facts | undefined;
  fileSystem: Facts | undefined;
  /** What was done to the volume, in order: `encrypt`, `open`, `make`, each with ` fails` after it when it failed. */
  steps: readonly string[];
}

/** What an installation does to the machine, whatever commands it uses. Rules change it. */
export interface Meaning {
  drives: Map<string, DriveMeaning>;
  /** By partition or whole drive, never by mapping. */
  volumes: Map<string, VolumeMeaning>;
  /** What stays mounted, in order; tools root included. */
  mounts: readonly MountMeaning[];
  /** File-systems that could not be mounted while making the target. */
  failedMounts: readonly MountMeaning[];
  /** Mounted for a moment elsewhere, to copy something into it. */
  scratchMounts: readonly MountMeaning[];
  /** What was mounted for a look at the old system: `/dev/sda1 ro`. */
  oldRoots: readonly string[];
  /** The target was unmounted while it was being made. */
  isRootLost: boolean;
  /** Devices whose start was overwritten with zeroes, mappings included. */
  erased: readonly string[];
  unmounts: readonly string[];
  closes: readonly string[];
  bootLoader: Facts | undefined;
  kexec: Facts | undefined;
}

export function meaningOf({ before, making, end }: PhasedEvents): Meaning {
  const mounted = making.flatMap((event) => (event.kind === "mount" ? [event] : []));
  const gone = new Set(making.flatMap((event) => (event.kind === "unmount" ? [event.on] : [])));
  const isScratch = ({ on, fails }: { on: string; fails?: boolean }) =>
    fails !== true && gone.has(on) && !isBelowTarget(on);
  const tools = before.flatMap((event) => (event.kind === "mount" ? [event] : []));
  const meaning: Meaning = {
    drives: new Map(),
    volumes: new Map(),
    mounts: [
      ...tools.filter(({ source }) => !isDeviceWithFiles(source)),
      ...mounted.filter((mount) => mount.fails !== true && !isScratch(mount)),
    ].map(plainMount),
    failedMounts: mounted.filter(({ fails }) => fails === true).map(plainMount),
    scratchMounts: mounted.filter(isScratch).map(plainMount),
    oldRoots: tools
      .filter(({ source, fails }) => isDeviceWithFiles(source) && fails !== true)
      .map(({ source, readOnly }) => `${source} ${readOnly === true ? "ro" : "rw"}`),
    isRootLost: [...gone].some(isBelowTarget),
    erased: making.flatMap((event) => (event.kind === "zero" && event.at === "start" ? [event.device] : [])),
    unmounts: end.flatMap((event) => (event.kind === "unmount" ? [event.on] : [])),
    closes: [],
    bootLoader: undefined,
    kexec: undefined,
  };
  const mappings = new Map<string, string>();
  for (const event of [...making, ...end]) if (event.kind === "run") addCommand(event, meaning, mappings);
  return meaning;
}

const TARGET_ROOT = "/mnt";

function isBelowTarget(path: string): boolean {
  return path === TARGET_ROOT || path.startsWith(`${TARGET_ROOT}/`);
}

function isDeviceWithFiles(source: string): boolean {
  return source.startsWith("/dev/");
}

function plainMount({ source, on, type }: MountMeaning): MountMeaning {
  return { source, on, type };
}

function addCommand(
  { argv, chroot, fails = false }: MachineEvent & { readonly kind: "run" },
  meaning: Meaning,
  mappings: Map<string, string>,
): void {
  const command = parseCommand(argv, chroot);
  const failure: Facts = fails ? { fails: "yes" } : {};
  switch (command.kind) {
    case "discard":
      noteStep(driveOf(meaning, command.device), "discard", fails);
      return;
    case "table":
      driveOf(meaning, command.device).table = command.table;
      noteStep(driveOf(meaning, command.device), "table", fails);
      return;
    case "encrypt":
      volumeOf(meaning, command.device).encryption = command.facts;
      noteStep(volumeOf(meaning, command.device), "encrypt", fails);
      return;
    case "open":
      mappings.set(`/dev/mapper/${command.mapping}`, command.device);
      volumeOf(meaning, command.device).opening = { ...command.facts, mapping: command.mapping };
      noteStep(volumeOf(meaning, command.device), "open", fails);
      return;
    case "make": {
      const volume = volumeOf(meaning, mappings.get(command.device) ?? command.device);
      volume.fileSystem = { ...command.facts, on: mappings.has(command.device) ? "mapping" : "device" };
      noteStep(volume, "make", fails);
      return;
    }
    case "close":
      meaning.closes = [...meaning.closes, command.mapping];
      return;
    case "boot loader":
      meaning.bootLoader = { ...command.facts, ...failure };
      return;
    case "kexec":
      meaning.kexec = { ...command.facts, ...failure };
      return;
    case "other":
      return;
  }
}

function noteStep(thing: { steps: readonly string[] }, step: string, fails: boolean): void {
  thing.steps = [...thing.steps, fails ? `${step} fails` : step];
}

function driveOf(meaning: Meaning, device: string): DriveMeaning {
  const known = meaning.drives.get(device);
  const drive: DriveMeaning = known ?? { table: undefined, steps: [] };
  meaning.drives.set(device, drive);
  return drive;
}

function volumeOf(meaning: Meaning, device: string): VolumeMeaning {
  const known = meaning.volumes.get(device);
  const volume = known ?? { encryption: undefined, opening: undefined, fileSystem: undefined, steps: [] };
  meaning.volumes.set(device, volume);
  return volume;
}
