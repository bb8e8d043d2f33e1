import type { Logger } from "../core/logger.ts";
import type { ValueOf } from "../rpc/gob/schema.ts";
import { isZeroTime } from "../rpc/gob/time.ts";
import { getImageRequest, getImageResponse } from "../rpc/messages/image-server.ts";
import {
  type CallContext,
  encodedReplyMethod,
  formatErrorLine,
  type Method,
  type ServerCall,
} from "../rpc/srpc/method.ts";
import type { Clock } from "../system/power.ts";
import type { ImageRepository } from "./image-repository.ts";
import { ReplyCache } from "./reply-cache.ts";
import type { StoredImage } from "./stored-image.ts";

interface GetImageOptions {
  readonly repository: ImageRepository;
  readonly clock: Pick<Clock, "monotonicMs" | "sleep">;
  readonly isUnauthenticated: boolean;
  readonly log: Logger;
}

type GetImageRequest = ValueOf<typeof getImageRequest>;

/** Between two looks for an image that a caller waits for. */
const WAIT_STEP_MS = 500;
const NANOSECONDS_PER_MS = 1e6;

/** ImageServer.GetImage (spec/imageservice.md 4.6). The bytes of a reply are made once for all who ask. */
export function getImageMethod(options: GetImageOptions): Method {
  const replies = new ReplyCache();
  return encodedReplyMethod({
    name: "ImageServer.GetImage",
    isPublic: true,
    isUnauthenticated: options.isUnauthenticated,
    requestSchema: getImageRequest,
    run: async (request, context, call) => {
      const found = await waitForImage(request, context, options);
      try {
        return await encodeReply(call, found, request, { repository: options.repository, replies });
      } catch (error) {
        const reason = formatErrorLine(error);
        options.log.error("reading an image failed", { image: request.ImageName, reason });
        throw error;
      }
    },
  });
}

async function waitForImage(
  request: GetImageRequest,
  { signal }: CallContext,
  { repository, clock }: GetImageOptions,
): Promise<StoredImage | undefined> {
  const deadlineMs = clock.monotonicMs() + Number(request.Timeout) / NANOSECONDS_PER_MS;
  for (;;) {
    const found = await repository.find(request.ImageName);
    const leftMs = deadlineMs - clock.monotonicMs();
    if (found !== undefined || leftMs <= 0) return found;
    await clock.sleep(Math.min(WAIT_STEP_MS, leftMs), signal);
  }
}

async function encodeReply(
  call: ServerCall,
  found: StoredImage | undefined,
  request: GetImageRequest,
  { repository, replies }: { readonly repository: ImageRepository; readonly replies: ReplyCache },
): Promise<Uint8Array> {
  if (found === undefined)
    return call.encode(getImageResponse, { Image: undefined, InformationDatabaseURL: "" });
  const isExpiring = !isZeroTime(found.facts.ExpiresAt);
  const isShort = request.IgnoreFilesystem || (request.IgnoreFilesystemIfExpiring && isExpiring);
  return replies.get(`${call.coderName}\n${found.name}\n${found.version}\n${isShort}`, async () => {
    const image = await repository.read(found.name);
    return call.encode(getImageResponse, {
      Image: isShort ? { ...image, FileSystem: undefined } : image,
      InformationDatabaseURL: "",
    });
  });
}
