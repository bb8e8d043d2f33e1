import type { FileSystem } from "../system/files.ts";

const RANDOM_DEVICE = "/dev/urandom";

/** Stirs `seed` into the kernel's random pool; no entropy is credited. System errors as they are. */
export async function writeRandomSeed(files: Pick<FileSystem, "writeFile">, seed: Uint8Array): Promise<void> {
  // The mode that the device has anyway.
  if (seed.byteLength > 0) await files.writeFile(RANDOM_DEVICE, seed, { mode: 0o666 });
}
