import { open } from "node:fs/promises";
import { errnoOf } from "../../core/errors.ts";
import type { RandomPool } from "../random-pool.ts";
import type { NativeCalls } from "./native/native-calls.ts";

const DEVICE = "/dev/urandom";
/** random(4), linux/random.h: `_IOW('R', 0x03, int[2])`. */
const RNDADDENTROPY = 0x40085203;
/** Head of `struct rand_pool_info`: entropy_count in bits, buf_size in bytes. */
const HEAD_BYTES = 8;

/** The pool of the running kernel. */
export class NodeRandomPool implements RandomPool {
  readonly #native: () => NativeCalls;

  constructor(native: () => NativeCalls) {
    this.#native = native;
  }

  async add(seed: Uint8Array, creditBits: number): Promise<number> {
    await using device = await open(DEVICE, "r+");
    try {
      this.#native().ioctl(device.fd, RNDADDENTROPY, encodePoolInfo(seed, creditBits));
      return creditBits;
    } catch (error) {
      // Not allowed (a container), or another kernel's device: everybody may still write.
      if (errnoOf(error) === undefined) throw error;
      await device.write(seed);
      return 0;
    }
  }
}

function encodePoolInfo(seed: Uint8Array, creditBits: number): Buffer {
  const info = Buffer.alloc(HEAD_BYTES + seed.byteLength);
  info.writeInt32LE(creditBits, 0);
  info.writeInt32LE(seed.byteLength, 4);
  info.set(seed, HEAD_BYTES);
  return info;
}
