import type { Logger } from "../core/logger.ts";
import { encodeGob } from "../rpc/gob/encoder.ts";
import type { ValueOf } from "../rpc/gob/schema.ts";
import { isZeroTime } from "../rpc/gob/time.ts";
import {
  checkDirectoryRequest,
  checkDirectoryResponse,
  checkImageRequest,
  checkImageResponse,
  findLatestImageRequest,
  findLatestImageResponse,
  getImageRequest,
  getImageResponse,
  listSelectedImagesRequest,
} from "../rpc/messages/image-server.ts";
import {
  type CallContext,
  formatErrorLine,
  type Method,
  requestReplyMethod,
  type ServerCall,
  streamMethod,
} from "../rpc/srpc/method.ts";
import type { Clock } from "../system/power.ts";
import type { ImageRepository } from "./image-repository.ts";
import { ReplyCache } from "./reply-cache.ts";
import { findLatestImage, selectImages } from "./select-images.ts";
import type { StoredImage } from "./stored-image.ts";

export interface ImageServerMethodOptions {
  readonly repository: ImageRepository;
  readonly clock: Pick<Clock, "monotonicMs" | "sleep">;
  readonly isUnauthenticated: boolean;
  readonly log: Logger;
}

type GetImageRequest = ValueOf<typeof getImageRequest>;

/** Between two looks for an image that a caller waits for. */
const WAIT_STEP_MS = 500;
const NANOSECONDS_PER_MS = 1e6;

/** The read methods of the receiver ImageServer (spec/imageservice.md 4.1 to 4.6); all of them are public. */
export function imageServerMethods(options: ImageServerMethodOptions): readonly Method[] {
  const { repository, isUnauthenticated } = options;
  const access = { isPublic: true, isUnauthenticated };
  const replies = new ReplyCache();
  return [
    requestReplyMethod({
      name: "ImageServer.CheckDirectory",
      ...access,
      requestSchema: checkDirectoryRequest,
      replySchema: checkDirectoryResponse,
      run: async ({ DirectoryName }) => ({ DirectoryExists: await repository.hasDirectory(DirectoryName) }),
    }),
    requestReplyMethod({
      name: "ImageServer.CheckImage",
      ...access,
      requestSchema: checkImageRequest,
      replySchema: checkImageResponse,
      run: async ({ ImageName }) => ({ ImageExists: (await repository.find(ImageName)) !== undefined }),
    }),
    requestReplyMethod({
      name: "ImageServer.FindLatestImage",
      ...access,
      requestSchema: findLatestImageRequest,
      replySchema: findLatestImageResponse,
      run: async (request) => {
        const { images, directories } = await repository.list();
        if (!directories.has(request.DirectoryName))
          return { ImageName: "", Error: `unknown directory: ${request.DirectoryName}` };
        return { ImageName: findLatestImage(images, request)?.name ?? "", Error: "" };
      },
    }),
    streamMethod({
      name: "ImageServer.GetImage",
      ...access,
      run: async (call, context) => sendImage(call, context, options, replies),
    }),
    streamMethod({
      name: "ImageServer.ListImages",
      ...access,
      run: async (call) => call.write(formatNames((await repository.list()).images)),
    }),
    streamMethod({
      name: "ImageServer.ListSelectedImages",
      ...access,
      run: async (call) => {
        const request = await call.receive(listSelectedImagesRequest);
        await call.write(formatNames(selectImages((await repository.list()).images, request)));
      },
    }),
  ];
}

/** One name a line; an empty line ends the list. */
function formatNames(images: readonly StoredImage[]): string {
  return `${images.map(({ name }) => `${name}\n`).join("")}\n`;
}

/** In style a request and a reply, but the reply's bytes are made once for all who ask. */
async function sendImage(
  call: ServerCall,
  context: CallContext,
  options: ImageServerMethodOptions,
  replies: ReplyCache,
): Promise<void> {
  const request = await call.receive(getImageRequest);
  let reply: Uint8Array;
  try {
    const found = await waitForImage(request, context, options);
    reply = await encodeReply(found, request, options.repository, replies);
  } catch (error) {
    options.log.error("reading an image failed", {
      image: request.ImageName,
      reason: formatErrorLine(error),
    });
    await call.write(`${formatErrorLine(error)}\n`);
    return;
  }
  await call.write("\n");
  await call.write(reply);
}

async function waitForImage(
  request: GetImageRequest,
  { signal }: CallContext,
  { repository, clock }: ImageServerMethodOptions,
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
  found: StoredImage | undefined,
  request: GetImageRequest,
  repository: ImageRepository,
  replies: ReplyCache,
): Promise<Uint8Array> {
  if (found === undefined)
    return encodeGob(getImageResponse, { Image: undefined, InformationDatabaseURL: "" });
  const isExpiring = !isZeroTime(found.facts.ExpiresAt);
  const isShort = request.IgnoreFilesystem || (request.IgnoreFilesystemIfExpiring && isExpiring);
  return replies.get(`${found.name}\n${found.version}\n${isShort}`, async () => {
    const image = await repository.read(found.name);
    return encodeGob(getImageResponse, {
      Image: isShort ? { ...image, FileSystem: undefined } : image,
      InformationDatabaseURL: "",
    });
  });
}
