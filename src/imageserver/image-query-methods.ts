import { estimateUsage } from "../images/tree.ts";
import { ZERO_TIME } from "../rpc/gob/time.ts";
import { imageFromWire } from "../rpc/messages/image-conversion.ts";
import {
  checkDirectoryRequest,
  checkDirectoryResponse,
  checkImageRequest,
  checkImageResponse,
  directory,
  findLatestImageRequest,
  findLatestImageResponse,
  getImageExpirationRequest,
  getImageExpirationResponse,
  getImageUsageEstimateRequest,
  getImageUsageEstimateResponse,
  getReplicationMasterRequest,
  getReplicationMasterResponse,
  listSelectedImagesRequest,
} from "../rpc/messages/image-server.ts";
import { type Method, requestReplyMethod, type ServerCall, streamMethod } from "../rpc/srpc/method.ts";
import type { ImageRepository } from "./image-repository.ts";
import { findLatestImage, selectImages } from "./select-images.ts";
import type { StoredImage } from "./stored-image.ts";

interface ImageQueryOptions {
  readonly repository: ImageRepository;
  readonly isUnauthenticated: boolean;
}

/** Questions to the receiver ImageServer (spec/imageservice.md 4.1 to 4.5, 4.7, 4.9); all of them are public. */
export function imageQueryMethods(options: ImageQueryOptions): readonly Method[] {
  const { repository } = options;
  const access = { isPublic: true, isUnauthenticated: options.isUnauthenticated };
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
    requestReplyMethod({
      name: "ImageServer.GetImageExpiration",
      ...access,
      requestSchema: getImageExpirationRequest,
      replySchema: getImageExpirationResponse,
      run: async ({ ImageName }) => {
        const found = await repository.find(ImageName);
        return found === undefined
          ? { Error: "image not found", ExpiresAt: ZERO_TIME }
          : { Error: "", ExpiresAt: found.facts.ExpiresAt };
      },
    }),
    requestReplyMethod({
      name: "ImageServer.GetImageUsageEstimate",
      ...access,
      requestSchema: getImageUsageEstimateRequest,
      replySchema: getImageUsageEstimateResponse,
      run: async ({ ImageName }) => {
        if ((await repository.find(ImageName)) === undefined)
          return { ImageExists: false, UsageEstimate: 0n };
        const { fileSystem } = imageFromWire(await repository.read(ImageName));
        return {
          ImageExists: true,
          UsageEstimate: BigInt(fileSystem === undefined ? 0 : estimateUsage(fileSystem)),
        };
      },
    }),
    requestReplyMethod({
      name: "ImageServer.GetReplicationMaster",
      ...access,
      requestSchema: getReplicationMasterRequest,
      replySchema: getReplicationMasterResponse,
      // This server is nobody's replica.
      run: () => Promise.resolve({ Error: "", ReplicationMaster: "" }),
    }),
    streamMethod({
      name: "ImageServer.ListDirectories",
      ...access,
      run: async (call) => sendDirectories(call, (await repository.list()).directories),
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

/** One value a directory; one without a name ends the list. */
async function sendDirectories(call: ServerCall, names: ReadonlySet<string>): Promise<void> {
  const values = [...names, ""].map((Name) => call.encode(directory, { Name, Metadata: { OwnerGroup: "" } }));
  await call.write(Buffer.concat(values));
}

/** One name a line; an empty line ends the list. */
function formatNames(images: readonly StoredImage[]): string {
  return `${images.map(({ name }) => `${name}\n`).join("")}\n`;
}
