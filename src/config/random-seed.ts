import { errnoOf, messageChain } from "../core/errors.ts";
import type { Logger } from "../core/logger.ts";
import type { FileSystem } from "../system/files.ts";
import type { RandomPool } from "../system/random-pool.ts";
import { CONFIG_FILE, MAXIMUM_FILE_BYTES } from "./files.ts";

/** What fills the kernel's pool; more is not credited anyway. */
const POOL_BITS = 256;
/** Little: the seed may be text, and others may have seen it on its way here. */
const CREDIT_BITS_PER_BYTE = 1;

export interface SeedPorts {
  readonly randomPool: RandomPool;
  readonly log: Logger;
}

/**
 * Stirs a seed that the fleet provides into the kernel's random pool and credits it with one bit a byte, at most 256: a
 * machine without a disk, a clock and a keyboard has little else to start from. System errors as they are.
 */
export async function stirRandomSeed({ randomPool, log }: SeedPorts, seed: Uint8Array): Promise<void> {
  if (seed.byteLength === 0) return;
  const bits = await randomPool.add(seed, Math.min(POOL_BITS, seed.byteLength * CREDIT_BITS_PER_BYTE));
  log.info(`copied ${seed.byteLength} bytes of random data`);
  log.debug(1, `credited the random data with ${bits} bits of entropy`);
}

/** As stirRandomSeed, with the file that came along with the configuration, if there is one; trouble is only logged. */
export async function stirRandomSeedFile(
  ports: SeedPorts & { readonly files: Pick<FileSystem, "readFile"> },
  directory: string,
): Promise<void> {
  const path = `${directory}/${CONFIG_FILE.randomSeed}`;
  try {
    await stirRandomSeed(ports, await ports.files.readFile(path, { limitBytes: MAXIMUM_FILE_BYTES }));
  } catch (error) {
    if (errnoOf(error) !== "ENOENT") ports.log.warn(`using ${path}: ${messageChain(error)}`);
  }
}
