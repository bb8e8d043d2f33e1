import type { RequestedRenderer } from "../network/target/choose-renderer.ts";
import type { EfiBootEntryPlace } from "../storage/boot/efi-boot-entries.ts";

/** What the operator asked for by flags (spec/cli.md section 6), as the steps need it. */
export interface InstallOptions {
  readonly tftpDirectory: string;
  readonly mountPoint: string;
  readonly tmpRoot: string;
  readonly sysfsDirectory: string;
  readonly procDirectory: string;
  /** "" for: as the configuration says. */
  readonly imageServerHostname: string;
  readonly imageServerPort: number;
  /** How long to look for a DHCP server that leads to a configuration; 0: without end. */
  readonly dhcpTimeoutMs: number;
  readonly tftpServerHostname: string;
  readonly configurationLoader: string;
  readonly configurationBaseUrl: string;
  readonly driveSelector: string;
  readonly networkConfigurator: string;
  readonly completionNotifier: string;
  readonly skipStorage: boolean;
  readonly skipNetwork: boolean;
  readonly efiBootEntry: EfiBootEntryPlace;
  readonly networkRenderer: RequestedRenderer;
}

/** Where the original keeps its own files, on this machine and below the target's root. */
export const INSTALLER_LOG_DIRECTORY = "/var/log/installer";
