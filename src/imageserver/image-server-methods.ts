import type { Logger } from "../core/logger.ts";
import type { FileObjectStore } from "../objectcache/object-store.ts";
import type { Method } from "../rpc/srpc/method.ts";
import type { Clock } from "../system/power.ts";
import { getImageMethod } from "./get-image-method.ts";
import { imageQueryMethods } from "./image-query-methods.ts";
import type { ImageRepository } from "./image-repository.ts";
import { imageUpdateMethods } from "./image-update-methods.ts";
import { imageWriteMethods } from "./image-write-methods.ts";

export interface ImageServerMethodOptions {
  readonly repository: ImageRepository;
  readonly store: FileObjectStore & { sync(): Promise<void> };
  readonly clock: Pick<Clock, "monotonicMs" | "nowMs" | "sleep">;
  /** Whoever shows no certificate may read as well. */
  readonly isUnauthenticated: boolean;
  /** False: the methods that change something do not exist. */
  readonly isWritable: boolean;
  readonly log: Logger;
}

/** The receiver ImageServer (spec/imageservice.md). Reading is public; what writing takes, each method says. */
export function imageServerMethods(options: ImageServerMethodOptions): readonly Method[] {
  return [
    getImageMethod(options),
    ...imageQueryMethods(options),
    ...imageUpdateMethods(options),
    ...(options.isWritable ? imageWriteMethods(options) : []),
  ];
}
