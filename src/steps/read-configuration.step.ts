import { type Configuration, readConfiguration } from "../config/read-configuration.ts";
import type { Step } from "../engine/step.ts";
import type { InstallOptions } from "./install-options.ts";

/** Reads and checks the configuration files, wherever they came from. */
export const readInstallConfiguration: Step<InstallOptions, Configuration> = {
  id: "read-configuration",
  title: "Check the configuration",
  destructive: false,
  async run({ tftpDirectory }, { host, log }) {
    const configuration = await readConfiguration(host.files, tftpDirectory);
    for (const warning of configuration.warnings) log.warn(warning);
    return configuration;
  },
};
