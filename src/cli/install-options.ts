import { millisecondsOf } from "../core/duration.ts";
import type { InstallOptions } from "../steps/install-options.ts";
import type { Flags } from "./flags/installer-flags.ts";

/** The flags as the steps of an installation want them. */
export function installOptions(flags: Flags): InstallOptions {
  return {
    tftpDirectory: flags.tftpDirectory,
    mountPoint: flags.mountPoint,
    tmpRoot: flags.tmpRoot,
    sysfsDirectory: flags.sysfsDirectory,
    procDirectory: flags.procDirectory,
    imageServerHostname: flags.imageServerHostname,
    imageServerPort: flags.imageServerPortNum,
    dhcpTimeoutMs: millisecondsOf(flags.dhcpTimeout),
    tftpServerHostname: flags.tftpServerHostname,
    configurationLoader: flags.configurationLoader,
    configurationBaseUrl: flags.configurationBaseUrl,
    driveSelector: flags.driveSelector,
    networkConfigurator: flags.networkConfigurator,
    completionNotifier: flags.completionNotifier,
    skipStorage: flags.skipStorage,
    skipNetwork: flags.skipNetwork,
    efiBootEntry: flags.efiBootEntry,
    networkRenderer: flags.networkRenderer,
  };
}
