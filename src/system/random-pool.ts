/** The kernel's source of random numbers (random(4)). */
export interface RandomPool {
  /**
   * Stirs `seed` in and credits it with `creditBits` of entropy, so that nobody has to wait for more. Resolves with the
   * bits that the kernel let us credit: none without CAP_SYS_ADMIN. Rejects with a system error when nothing was stirred in.
   */
  add(seed: Uint8Array, creditBits: number): Promise<number>;
}
