import type { InstallOptions } from "../../../src/steps/install-options.ts";

/** The options of a daemon without flags. */
export const INSTALL_OPTIONS: InstallOptions = {
  tftpDirectory: "/tftpdata",
  mountPoint: "/mnt",
  tmpRoot: "/tmproot",
  sysfsDirectory: "/sys",
  procDirectory: "/proc",
  imageServerHostname: "",
  imageServerPort: 6971,
  dhcpTimeoutMs: 0,
  tftpServerHostname: "",
  configurationLoader: "",
  configurationBaseUrl: "",
  driveSelector: "",
  networkConfigurator: "",
  completionNotifier: "",
  skipStorage: false,
  skipNetwork: false,
  efiBootEntry: "last",
  networkRenderer: "auto",
};
