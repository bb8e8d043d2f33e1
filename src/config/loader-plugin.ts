import { InstallerError } from "../core/errors.ts";
import type { CommandRunner } from "../system/commands.ts";

export interface ConfigurationLoader {
  /** `-configurationLoader`. */
  readonly program: string;
  /** Directory for the program to put the configuration files into. */
  readonly directory: string;
  readonly interfaceName: string;
}

/**
 * Runs the operator's program in place of TFTP or HTTP: `PROGRAM DIRECTORY INTERFACE`, with an empty environment
 * (spec/configuration.md 7.1 and 10). Rejects with E_CONFIG_LOADER.
 */
export async function runConfigurationLoader(
  commands: CommandRunner,
  { program, directory, interfaceName }: ConfigurationLoader,
  signal: AbortSignal,
): Promise<void> {
  try {
    await commands.run({ program, args: [directory, interfaceName], environment: {} }, signal);
  } catch (error) {
    signal.throwIfAborted();
    throw new InstallerError("E_CONFIG_LOADER", `running the configuration loader ${program}`, {
      cause: error,
    });
  }
}
