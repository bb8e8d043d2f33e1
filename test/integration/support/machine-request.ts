/** What the client of `NetworkLab.runMachine` is to do. */
export interface MachineRequest {
  /** The interfaces that the machine is to take for Ethernet hardware: virtual ones are none. */
  readonly interfaces: readonly string[];
  /** Where the configuration goes. */
  readonly tftpDirectory: string;
  /** Flags of the installer. */
  readonly flags?: readonly string[];
  /** Files to read by TFTP from `host` afterwards, all at once. */
  readonly furtherFiles?: { readonly host: string; readonly names: readonly string[] };
  /** Default 120 s. */
  readonly limitMs?: number;
}
