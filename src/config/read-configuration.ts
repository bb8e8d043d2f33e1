import { errnoOf, InstallerError } from "../core/errors.ts";
import type { MachineNetwork } from "../network/model.ts";
import type { StorageLayout } from "../storage/plan/layout.ts";
import type { FileSystem } from "../system/files.ts";
import type { Decoded } from "./decode.ts";
import { CONFIG_FILE, MAXIMUM_FILE_BYTES } from "./files.ts";
import { parseImageName } from "./image-name.ts";
import { parseMachineConfig } from "./machine-config.ts";
import { parseServerAddress, type ServerAddress } from "./server-address.ts";
import { parseStorageLayout } from "./storage-layout.ts";

/** What is to be installed. What may be absent is needed only by some installations. */
export interface TargetConfiguration {
  /** "": leave the drives alone. */
  readonly imageName: string;
  /** "": use the target image as tools. */
  readonly toolsImageName: string;
  readonly imageServer?: ServerAddress;
  readonly storageLayout?: StorageLayout;
  /** Unknown keys and the like, with their places. */
  readonly warnings: readonly string[];
}

/** The whole configuration of one installation. */
export interface Configuration extends TargetConfiguration {
  readonly machine: MachineNetwork;
}

/**
 * Reads and checks every configuration file in `directory` (spec/configuration.md section 1). Rejects with
 * E_CONFIG_MISSING when there is no config.json, E_CONFIG_SYNTAX, E_CONFIG_VALUE, or a system error.
 */
export async function readConfiguration(
  files: Pick<FileSystem, "readText">,
  directory: string,
): Promise<Configuration> {
  const path = `${directory}/${CONFIG_FILE.machine}`;
  const text = await readOptional(files, path);
  if (text === undefined) throw missing(path);
  const machine = parseMachineConfig(path, text);
  const target = await readTargetConfiguration(files, directory);
  return { ...target, machine: machine.value, warnings: [...machine.warnings, ...target.warnings] };
}

/**
 * The part of the configuration that says what is to be installed on the drives; any of it may be absent. `layoutFile`
 * takes the place of the directory's own. Rejects with E_CONFIG_SYNTAX, E_CONFIG_VALUE, or a system error.
 */
export async function readTargetConfiguration(
  files: Pick<FileSystem, "readText">,
  directory: string,
  layoutFile = `${directory}/${CONFIG_FILE.storageLayout}`,
): Promise<TargetConfiguration> {
  const path = (name: string): string => `${directory}/${name}`;
  const read = (name: string): Promise<string | undefined> => readOptional(files, path(name));
  const [imageName, toolsImageName, imageServer, layoutText] = await Promise.all([
    read(CONFIG_FILE.imageName),
    read(CONFIG_FILE.toolsImageName),
    read(CONFIG_FILE.imageServer),
    readOptional(files, layoutFile),
  ]);
  const layout: Decoded<StorageLayout | undefined> =
    layoutText === undefined
      ? { value: undefined, warnings: [] }
      : parseStorageLayout(layoutFile, layoutText);
  const server = imageServer?.trim() ?? "";
  return {
    imageName: parseImageName(path(CONFIG_FILE.imageName), imageName),
    toolsImageName: parseImageName(path(CONFIG_FILE.toolsImageName), toolsImageName),
    ...(server === "" ? {} : { imageServer: parseServerAddress(path(CONFIG_FILE.imageServer), server) }),
    ...(layout.value === undefined ? {} : { storageLayout: layout.value }),
    warnings: layout.warnings,
  };
}

async function readOptional(files: Pick<FileSystem, "readText">, path: string): Promise<string | undefined> {
  try {
    return await files.readText(path, { limitBytes: MAXIMUM_FILE_BYTES });
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

function missing(path: string): InstallerError {
  return new InstallerError("E_CONFIG_MISSING", `there is no ${path}`);
}
