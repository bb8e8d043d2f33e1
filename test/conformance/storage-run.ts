import { randomUUID } from "node:crypto";
import type { Logger } from "../../src/core/logger.ts";
import type { RunStep } from "../../src/engine/step.ts";
import { estimateUsage } from "../../src/images/tree.ts";
import { install } from "../../src/steps/install.ts";
import type { PlanStorageInput, TargetPlan } from "../../src/steps/plan-storage.step.ts";
import type { Drive } from "../../src/storage/drives/drives.ts";
import type { StoragePlan } from "../../src/storage/plan/plan.ts";
import { planStorage } from "../../src/storage/plan/plan-storage.ts";
import type { Host } from "../../src/system/host.ts";
import { createFakeHost, FakeHashing } from "../support/fake-host.ts";
import { silentProgress } from "../support/silent-progress.ts";
import { buildFiles } from "./storage-build.ts";
import type { MachineEvent, PhasedEvents } from "./storage-events.ts";
import { connectorOf, type RecordedImages } from "./storage-images.ts";
import { type InstalledFiles, readInstalledFiles, readTemporaryKey } from "./storage-installed.ts";
import { MachineMounts } from "./storage-mounts.ts";
import { DRIVE_SELECTOR, MachinePrograms } from "./storage-programs.ts";
import { isMadeToFail, type StorageVector } from "./storage-vector.ts";

/** What this program did with a vector. */
export interface Outcome {
  readonly error: unknown;
  readonly rebooter: string | undefined;
  readonly log: readonly string[];
  readonly selected: readonly string[] | undefined;
  readonly plan: StoragePlan | undefined;
  readonly events: PhasedEvents;
  /** Pairs of mkfs on one drive that ran at the same time. */
  readonly overlaps: readonly string[];
  /** Undefined unless it came to the end. */
  readonly installed: InstalledFiles | undefined;
}

/** Steps of no concern here, and what others need of them. */
const REPLACED: Readonly<Record<string, unknown>> = {
  "bring-up-network": { active: { interfaceName: "eth0" }, interfaces: [] },
  "fetch-configuration": undefined,
  // The recorded images hold no programs: those were recorders.
  "check-images": undefined,
  "notify-completion": undefined,
};

/** The whole installation on a machine as the vector describes it. */
export async function installVector(vector: StorageVector, images: RecordedImages): Promise<Outcome> {
  const all: MachineEvent[] = [];
  const starts = { making: Number.POSITIVE_INFINITY, end: Number.POSITIVE_INFINITY };
  const note = (event: MachineEvent): void => void all.push(event);
  const files = await buildFiles(vector, note);
  const commands = new MachinePrograms({
    files,
    note,
    fails: (line) => isMadeToFail(vector.failingCommands, line),
    selection: vector.driveSelectorOutput ?? "",
  });
  const mounts = new MachineMounts(files, note, (line) => isMadeToFail(vector.failingMounts, line));
  const host: Host = { ...createFakeHost(), files, commands, mounts, hashing: new FakeHashing(files) };
  const log: string[] = [];
  const seen: { selected?: readonly string[]; plan?: StoragePlan; installed?: InstalledFiles } = {};
  const signal = new AbortController().signal;
  const cleanup = new AsyncDisposableStack();

  const run: RunStep = async (step, input) => {
    if (step.id in REPLACED) return REPLACED[step.id] as never;
    if (step.id === "unmount-target") seen.installed = await readInstalledFiles(files);
    if (step.id === "unmount-target") starts.end = all.length;
    if (step.destructive) starts.making = Math.min(starts.making, all.length);
    const context = { host, log: collectingLogger(log), progress: silentProgress, signal, cleanup };
    const output = await step.run(input, context);
    if (step.id === "find-drives") seen.selected = (output as readonly Drive[]).map(({ name }) => name);
    if (step.id !== "plan-storage") return output;
    const target = withAssumedUsage(vector, input as PlanStorageInput, output as TargetPlan);
    seen.plan = target.storage;
    return target as typeof output;
  };

  let error: unknown;
  let rebooter: string | undefined;
  try {
    rebooter = await install(run, {
      options: optionsOf(vector),
      connector: connectorOf(images),
      clock: { changed: false },
      announcePlan: () => undefined,
      syncLog: async () => undefined,
    });
  } catch (thrown) {
    error = thrown;
  }
  if (error !== undefined) starts.end = Math.min(starts.end, all.length);
  await cleanup.disposeAsync();
  return {
    error,
    rebooter,
    log,
    selected: seen.selected,
    plan: seen.plan,
    events: {
      before: all.slice(0, starts.making),
      making: all.slice(starts.making, starts.end),
      end: all.slice(Math.max(starts.making, starts.end)),
    },
    overlaps: commands.overlaps,
    installed: seen.installed && { ...seen.installed, temporaryKey: await readTemporaryKey(files) },
  };
}

/** Some vectors were recorded with another usage of the image than its files have. */
function withAssumedUsage(
  { imageUsage, efi }: StorageVector,
  { layout, drives, image }: PlanStorageInput,
  target: TargetPlan,
): TargetPlan {
  if (imageUsage === undefined || Number(imageUsage) === estimateUsage(image.tree)) return target;
  const storage = planStorage({
    layout,
    drives,
    imageUsageBytes: Number(imageUsage),
    imageInodeCount: image.tree.inodes.size + 1,
    firmware: efi ? "efi" : "bios",
    newUuid: randomUUID,
  });
  return { ...target, storage };
}

type InstallStep = Parameters<typeof install>[1]["options"];

function optionsOf({ driveSelectorOutput }: StorageVector): InstallStep {
  return {
    tftpDirectory: "/tftpdata",
    mountPoint: "/mnt",
    tmpRoot: "/tmproot",
    sysfsDirectory: "/sys",
    procDirectory: "/proc",
    imageServerHostname: "image-server",
    imageServerPort: 6971,
    dhcpTimeoutMs: 0,
    tftpServerHostname: "",
    configurationLoader: "",
    configurationBaseUrl: "",
    driveSelector: driveSelectorOutput === undefined ? "" : DRIVE_SELECTOR,
    networkConfigurator: "",
    completionNotifier: "",
    efiBootEntry: "none",
    networkRenderer: "auto",
    skipStorage: false,
    skipNetwork: true,
  };
}

function collectingLogger(log: string[]): Logger {
  const add = (message: string): void => void log.push(message);
  return { error: add, warn: add, info: add, debug: (_level, message) => add(message) };
}
