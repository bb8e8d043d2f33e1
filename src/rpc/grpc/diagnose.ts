import { status } from "@grpc/grpc-js";
import type { TarChunk } from "../generated/installer.js";
import { CallRefusal } from "./call-refusal.ts";

/** Makes a tar archive; stops when the signal is aborted. */
export type Diagnose = (signal: AbortSignal) => AsyncIterable<Uint8Array>;

/** A message that any client takes (the usual limit is 4 MiB) and that does not hold other streams up for long. */
const CHUNK_BYTES = 32 << 10;
/** Each runs programs and reads much. */
const MAX_AT_ONCE = 2;

/** Answers Diagnose; RESOURCE_EXHAUSTED while two others collect. */
export class Diagnostics {
  readonly #diagnose: Diagnose;
  #running = 0;

  constructor(diagnose: Diagnose) {
    this.#diagnose = diagnose;
  }

  async *collect(signal: AbortSignal): AsyncGenerator<TarChunk, void> {
    if (this.#running >= MAX_AT_ONCE)
      throw new CallRefusal(
        status.RESOURCE_EXHAUSTED,
        "others are collecting diagnostics now; try again soon",
      );
    this.#running += 1;
    try {
      for await (const bytes of this.#diagnose(signal))
        for (let start = 0; start < bytes.length; start += CHUNK_BYTES)
          yield { data: bytes.subarray(start, start + CHUNK_BYTES) };
    } finally {
      this.#running -= 1;
    }
  }
}
