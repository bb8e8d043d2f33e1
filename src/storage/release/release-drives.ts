import { hasCode, InstallerError } from "../../core/errors.ts";
import type { Command } from "../../system/commands.ts";
import type { Drive } from "../drives/drives.ts";
import { parseSwaps, readMachineUse } from "../drives/machine-use.ts";
import type { StorageEnvironment } from "../environment.ts";
import { removeMounts } from "../target/unmount.ts";
import { inRoot } from "../tool-command.ts";
import { waitUntil } from "../wait-until.ts";
import type { StackedDevice } from "./device-stack.ts";
import { planRelease, type ReleaseAction, type ReleasePlan } from "./plan-release.ts";
import { readHolderTree } from "./read-holder-tree.ts";
import { takeDownCommands, takeDownFile, takeDownHint } from "./take-down-commands.ts";

/** The kernel and device-mapper finish some removals in the background. */
const GONE_TIMEOUT_MS = 10_000;

const TAKE_DOWN_TIMEOUT_MS = 60_000;

type SurveyEnvironment = Pick<StorageEnvironment, "files" | "mounts" | "sysfsDirectory" | "procDirectory">;

/**
 * What has to be taken down before `drives` can be erased, as this machine is now; changes nothing. Rejects with
 * E_DRIVE_IN_USE when a drive is used in a way that is not ours to end (planRelease).
 */
export async function readReleasePlan(
  drives: readonly Drive[],
  ownRoots: readonly string[],
  environment: SurveyEnvironment,
): Promise<ReleasePlan> {
  const trees = await Promise.all(drives.map(async (drive) => readHolderTree(drive, environment)));
  return planRelease({ trees, machine: await readMachineUse(environment), ownRoots });
}

/**
 * Takes down what the plan says, one after the other, and waits for each until the kernel has let go. What has gone in the
 * meantime is skipped. Rejects with E_DRIVE_RELEASE, which names the action and the drives.
 */
export async function releaseDrives(plan: ReleasePlan, environment: StorageEnvironment): Promise<void> {
  for (const action of plan.actions) {
    environment.signal.throwIfAborted();
    environment.log.info(action.text);
    try {
      await perform(action, environment);
    } catch (error) {
      environment.signal.throwIfAborted();
      throw new InstallerError(
        "E_DRIVE_RELEASE",
        `releasing ${action.devicePaths.join(", ")}: ${action.text}`,
        {
          cause: error,
          ...(action.kind === "take-down" ? { hint: takeDownHint(action.device) } : {}),
        },
      );
    }
  }
}

async function perform(action: ReleaseAction, environment: StorageEnvironment): Promise<void> {
  switch (action.kind) {
    case "swapoff":
      await switchOffSwap(action.path, environment);
      return;
    case "unmount":
      await removeMounts(action.mountPoint, environment);
      return;
    case "take-down":
      await takeDown(action.device, environment);
      return;
  }
}

async function switchOffSwap(path: string, environment: StorageEnvironment): Promise<void> {
  const { files, procDirectory, toolsRoot } = environment;
  const isOff = async () =>
    !parseSwaps(await files.readText(`${procDirectory}/swaps`).catch(() => "")).includes(path);
  if (await isOff()) return;
  const command: Command = { program: "swapoff", args: [path] };
  // The tools root shows the devices of this system, but not its files.
  const places = path.startsWith("/dev/") ? [inRoot(command, toolsRoot), command] : [command];
  if (!(await runFirstFound(places, environment)))
    throw new InstallerError("E_COMMAND_NOT_FOUND", "neither the tools image nor this system has swapoff");
  await waitUntilGone(isOff, path, environment);
}

async function takeDown(device: StackedDevice, environment: StorageEnvironment): Promise<void> {
  const isGone = async () => !(await isHeld(device, environment));
  if (await isGone()) return;
  const programs = takeDownCommands(device).map((command) => inRoot(command, environment.toolsRoot));
  if (!(await runFirstFound(programs, environment))) {
    const file = takeDownFile(device);
    if (file === undefined) throw noToolFor(device);
    const { files, sysfsDirectory } = environment;
    await files.writeFile(`${sysfsDirectory}/class/block/${file.path}`, file.content, { mode: file.mode });
  }
  await waitUntilGone(isGone, device.name, environment);
}

/** Runs the first of `commands` whose program there is; false when there is none. */
async function runFirstFound(
  commands: readonly Command[],
  environment: Pick<StorageEnvironment, "commands" | "signal">,
): Promise<boolean> {
  for (const command of commands) {
    try {
      await environment.commands.run({ ...command, timeoutMs: TAKE_DOWN_TIMEOUT_MS }, environment.signal);
      return true;
    } catch (error) {
      if (!hasCode(error, "E_COMMAND_NOT_FOUND")) throw error;
    }
  }
  return false;
}

/** True while the devices below still name it as their holder; an array's own entry may outlive that. */
async function isHeld(
  { name, slaves }: StackedDevice,
  { files, sysfsDirectory }: Pick<StorageEnvironment, "files" | "sysfsDirectory">,
): Promise<boolean> {
  const directory = `${sysfsDirectory}/class/block`;
  if (slaves.length === 0) return files.exists(`${directory}/${name}`);
  for (const slave of slaves) if (await files.exists(`${directory}/${slave}/holders/${name}`)) return true;
  return false;
}

async function waitUntilGone(
  isGone: () => Promise<boolean>,
  what: string,
  { clock, signal }: Pick<StorageEnvironment, "clock" | "signal">,
): Promise<void> {
  const probe = async () => ((await isGone()) ? true : undefined);
  const gone = await waitUntil(probe, { clock, signal, timeoutMs: GONE_TIMEOUT_MS });
  if (gone === undefined)
    throw new InstallerError(
      "E_TIMEOUT",
      `waiting for ${what} to go: it is still there after ${GONE_TIMEOUT_MS / 1000} s`,
    );
}

function noToolFor(device: StackedDevice): InstallerError {
  const names = takeDownCommands(device).map(({ program }) => program);
  return new InstallerError("E_COMMAND_NOT_FOUND", `the tools image has none of: ${names.join(", ")}`);
}
