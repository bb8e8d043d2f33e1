import { errnoOf, InstallerError } from "../core/errors.ts";
import type { MachineNetwork } from "../network/model.ts";
import type { StorageLayout } from "../storage/plan/layout.ts";
import type { FileSystem } from "../system/files.ts";
import type { Decoded } from "./decode.ts";
import { CONFIG_FILE, MAXIMUM_FILE_BYTES } from "./files.ts";
import { parseMachineConfig } from "./machine-config.ts";
import { parseServerAddress, type ServerAddress } from "./server-address.ts";
import { parseStorageLayout } from "./storage-layout.ts";

/** The whole configuration of one installation. What may be absent is needed only by some installations. */
export interface Configuration {
  readonly machine: MachineNetwork;
  /** "": leave the drives alone. */
  readonly imageName: string;
  /** "": use the target image as tools. */
  readonly toolsImageName: string;
  readonly imageServer?: ServerAddress;
  readonly storageLayout?: StorageLayout;
  /** Unknown keys and the like, with their places. */
  readonly warnings: readonly string[];
}

/**
 * Reads and checks every configuration file in `directory` (spec/configuration.md section 1). Rejects with
 * E_CONFIG_MISSING when there is no config.json, E_CONFIG_SYNTAX, E_CONFIG_VALUE, or a system error.
 */
export async function readConfiguration(
  files: Pick<FileSystem, "readText">,
  directory: string,
): Promise<Configuration> {
  const path = (name: string): string => `${directory}/${name}`;
  const read = (name: string): Promise<string | undefined> => readOptional(files, path(name));
  const [machineText, imageName, toolsImageName, imageServer, layoutText] = await Promise.all([
    read(CONFIG_FILE.machine),
    read(CONFIG_FILE.imageName),
    read(CONFIG_FILE.toolsImageName),
    read(CONFIG_FILE.imageServer),
    read(CONFIG_FILE.storageLayout),
  ]);
  if (machineText === undefined) throw missing(path(CONFIG_FILE.machine));
  const machine = parseMachineConfig(path(CONFIG_FILE.machine), machineText);
  const layout: Decoded<StorageLayout | undefined> =
    layoutText === undefined
      ? { value: undefined, warnings: [] }
      : parseStorageLayout(path(CONFIG_FILE.storageLayout), layoutText);
  const server = imageServer?.trim() ?? "";
  return {
    machine: machine.value,
    imageName: parseName(path(CONFIG_FILE.imageName), imageName),
    toolsImageName: parseName(path(CONFIG_FILE.toolsImageName), toolsImageName),
    ...(server === "" ? {} : { imageServer: parseServerAddress(path(CONFIG_FILE.imageServer), server) }),
    ...(layout.value === undefined ? {} : { storageLayout: layout.value }),
    warnings: [...machine.warnings, ...layout.warnings],
  };
}

/** Whether the boot medium brought a configuration, so that none is to be fetched (spec/configuration.md section 3). */
export function isConfigurationInjected(
  files: Pick<FileSystem, "exists">,
  directory: string,
): Promise<boolean> {
  return files.exists(`${directory}/${CONFIG_FILE.machine}`);
}

async function readOptional(files: Pick<FileSystem, "readText">, path: string): Promise<string | undefined> {
  try {
    return await files.readText(path, { limitBytes: MAXIMUM_FILE_BYTES });
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

function parseName(path: string, text: string | undefined): string {
  const name = text?.trim() ?? "";
  if (!/\p{Cc}/u.test(name)) return name;
  throw new InstallerError("E_CONFIG_VALUE", `${path}: the name has several lines or control characters`, {
    hint: "the file holds one image name and nothing else",
  });
}

function missing(path: string): InstallerError {
  return new InstallerError("E_CONFIG_MISSING", `there is no ${path}`);
}
