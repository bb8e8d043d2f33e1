import { hasCode, InstallerError } from "../../core/errors.ts";
import type { Command } from "../../system/commands.ts";
import { readPartitionNames } from "../drives/drive-partitions.ts";
import type { Drive } from "../drives/drives.ts";
import type { StorageEnvironment } from "../environment.ts";
import { inRoot } from "../tool-command.ts";
import { waitUntil } from "../wait-until.ts";

const FORGET_TIMEOUT_MS = 10_000;

type RereadEnvironment = Pick<
  StorageEnvironment,
  "commands" | "clock" | "files" | "signal" | "toolsRoot" | "sysfsDirectory"
>;

/**
 * Asks the kernel to read the partition table of a drive again. blockdev has the kernel do it, which refuses while a
 * partition is busy; partprobe tells it each partition by itself. `attempt` alternates between them. Resolves with why it
 * did not work, or undefined; rejects only when aborted.
 */
export async function rereadPartitions(
  devicePath: string,
  attempt: number,
  { commands, signal, toolsRoot }: Pick<StorageEnvironment, "commands" | "signal" | "toolsRoot">,
): Promise<unknown> {
  const command: Command =
    attempt % 2 === 1
      ? { program: "blockdev", args: ["--rereadpt", devicePath] }
      : { program: "partprobe", args: [devicePath] };
  try {
    await commands.run(inRoot(command, toolsRoot), signal);
    return undefined;
  } catch (error) {
    signal.throwIfAborted();
    return error;
  }
}

/**
 * Has the kernel drop the partitions of a drive whose table was erased, so that they cannot be taken for the ones that
 * are made next. Rejects with E_PARTITION_TABLE when they stay; without a program to ask the kernel with, the partitioner
 * has to do.
 */
export async function forgetPartitions(drive: Drive, environment: RereadEnvironment): Promise<void> {
  const failures: unknown[] = [];
  const isDone = await waitUntil(
    async (attempt) => {
      if ((await readPartitionNames(drive.name, environment)).length === 0) return true;
      const failure = await rereadPartitions(drive.devicePath, attempt, environment);
      if (failure !== undefined) failures.push(failure);
      return isWithoutPrograms(failures) ? true : undefined;
    },
    { clock: environment.clock, signal: environment.signal, timeoutMs: FORGET_TIMEOUT_MS },
  );
  if (isDone !== undefined) return;
  const names = (await readPartitionNames(drive.name, environment)).join(", ");
  throw new InstallerError(
    "E_PARTITION_TABLE",
    `waiting for the kernel to forget the old partitions of ${drive.devicePath}: it still shows ${names}`,
    { cause: failures.at(-1) },
  );
}

/** Neither of the two programs is there. */
function isWithoutPrograms(failures: readonly unknown[]): boolean {
  return failures.length >= 2 && failures.every((failure) => hasCode(failure, "E_COMMAND_NOT_FOUND"));
}
