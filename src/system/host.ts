import type { CommandRunner } from "./commands.ts";
import type { FileSystem } from "./files.ts";
import type { Hashing } from "./hashing.ts";
import type { Interfaces } from "./interfaces.ts";
import type { Mounts } from "./mounts.ts";
import type { Clock, Power } from "./power.ts";
import type { RandomPool } from "./random-pool.ts";
import type { Sockets } from "./sockets.ts";
import type { Terminals } from "./terminals.ts";

/**
 * The machine, as the rest of the program sees it. Domain functions take the narrowest port they need
 * (`CommandRunner`, not `Host`); `src/cli` decides which adapter stands behind each.
 */
export interface Host {
  readonly commands: CommandRunner;
  readonly files: FileSystem;
  readonly hashing: Hashing;
  readonly mounts: Mounts;
  readonly interfaces: Interfaces;
  readonly sockets: Sockets;
  readonly clock: Clock;
  readonly power: Power;
  readonly randomPool: RandomPool;
  readonly terminals: Terminals;
}
