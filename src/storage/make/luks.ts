import type { Command } from "../../system/commands.ts";
import type { StorageEnvironment } from "../environment.ts";
import { deviceName, fileSystemDevice, type Volume } from "../plan/plan.ts";
import { inRoot } from "../tool-command.ts";

/** Where the disk key lies, in the tools root while installing and in the installed system. */
export const KEY_FILE = "/etc/crypt.key";

/** Deriving the key takes five seconds by design, on a busy or slow processor longer. */
const FORMAT_TIMEOUT_MS = 300_000;

/**
 * Writes the LUKS header (spec/storage.md section 8.2.1); the key is read from KEY_FILE, never from the arguments. The version
 * is named because it is the build of cryptsetup that decides otherwise, and no question is asked that nobody could answer.
 * The size of the encryption sectors is left to cryptsetup, which takes that of the drive.
 */
export function renderLuksFormat(volume: Volume): Command {
  const identity = volume.luksUuid === undefined ? [] : ["--uuid", volume.luksUuid];
  return {
    program: "cryptsetup",
    args: [
      "--verbose",
      "--batch-mode",
      "--type",
      "luks2",
      "--key-file",
      KEY_FILE,
      "--cipher",
      "aes-xts-plain64",
      "--key-size",
      "512",
      "--hash",
      "sha512",
      "--iter-time",
      "5000",
      "--use-urandom",
      ...identity,
      "luksFormat",
      volume.devicePath,
    ],
    timeoutMs: FORMAT_TIMEOUT_MS,
  };
}

/** Opens the mapping that fileSystemDevice names; discards pass through only when the drive takes them. */
export function renderLuksOpen(volume: Volume, discarded: boolean): Command {
  const discards = discarded ? ["--allow-discards"] : [];
  return {
    program: "cryptsetup",
    args: [
      "open",
      "--type",
      "luks",
      ...discards,
      "--key-file",
      KEY_FILE,
      volume.devicePath,
      deviceName(volume),
    ],
    timeoutMs: FORMAT_TIMEOUT_MS,
  };
}

/** Encrypts `volume` and opens it. Rejects with the command's error. */
export async function makeLuksVolume(
  volume: Volume,
  discarded: boolean,
  { commands, signal, toolsRoot }: Pick<StorageEnvironment, "commands" | "signal" | "toolsRoot">,
): Promise<void> {
  await commands.run(inRoot(renderLuksFormat(volume), toolsRoot), signal);
  await commands.run(inRoot(renderLuksOpen(volume, discarded), toolsRoot), signal);
}

/** Closes those of `volumes` that are encrypted and open, and no mapping but theirs. Rejects with the command's error. */
export async function closeLuksVolumes(
  volumes: readonly Volume[],
  {
    commands,
    files,
    signal,
    toolsRoot,
  }: Pick<StorageEnvironment, "commands" | "files" | "signal" | "toolsRoot">,
): Promise<void> {
  for (const volume of volumes) {
    if (!volume.encrypted || !(await files.exists(fileSystemDevice(volume)))) continue;
    const close: Command = { program: "cryptsetup", args: ["close", deviceName(volume)] };
    await commands.run(inRoot(close, toolsRoot), signal);
  }
}
