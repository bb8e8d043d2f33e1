import type { Logger } from "../core/logger.ts";
import type { CommandRunner } from "../system/commands.ts";
import type { FileSystem } from "../system/files.ts";
import type { Mounts } from "../system/mounts.ts";
import type { Clock } from "../system/power.ts";

/** Where and with what the drives are worked on; each function takes the part it needs. */
export interface StorageEnvironment {
  readonly commands: CommandRunner;
  readonly files: FileSystem;
  readonly mounts: Mounts;
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
  /** Root of the tree whose parted, mkfs and cryptsetup are used; undefined: our own root. */
  readonly toolsRoot: string | undefined;
  /** `/sys` */
  readonly sysfsDirectory: string;
  /** `/proc` */
  readonly procDirectory: string;
}
