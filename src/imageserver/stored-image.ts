import { isZeroTime } from "../rpc/gob/time.ts";
import type { ImageFacts } from "./image-file.ts";

/** An image on disk. */
export interface StoredImage {
  readonly name: string;
  /** Tells one file from another that takes its place. */
  readonly version: string;
  readonly facts: ImageFacts;
}

/** Whether the image's time has passed; an image without an expiry lives for ever. */
export function isExpired({ ExpiresAt }: Pick<ImageFacts, "ExpiresAt">, nowMs: number): boolean {
  return !isZeroTime(ExpiresAt) && Number(ExpiresAt.seconds) * 1000 <= nowMs;
}
