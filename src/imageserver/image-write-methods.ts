import { InstallerError } from "../core/errors.ts";
import { isZeroTime } from "../rpc/gob/time.ts";
import {
  addImageRequest,
  addImageResponse,
  changeImageExpirationRequest,
  changeImageExpirationResponse,
  deleteDirectoryRequest,
  deleteDirectoryResponse,
  deleteImageRequest,
  deleteImageResponse,
  makeDirectoryRequest,
  makeDirectoryResponse,
} from "../rpc/messages/image-server.ts";
import { type CallContext, formatErrorLine, type Method, requestReplyMethod } from "../rpc/srpc/method.ts";
import { type AddImageOptions, addImage } from "./add-image.ts";
import { refuseExpirationChange } from "./expiration-change.ts";
import { mayChangeImage } from "./image-access.ts";
import type { StoredImage } from "./stored-image.ts";

/** Room for the metadata of an image of about a million files. */
const IMAGE_LIMIT_BYTES = 256 * 1024 * 1024;

/**
 * The methods of the receiver ImageServer that change something (spec/imageservice.md 5.1 to 5.3). DeleteImage and
 * ChangeImageExpiration are public, for the owners of an image; the others need the right to the method.
 */
export function imageWriteMethods(options: AddImageOptions): readonly Method[] {
  const { repository, log } = options;
  return [
    requestReplyMethod({
      name: "ImageServer.AddImage",
      requestLimitBytes: IMAGE_LIMIT_BYTES,
      requestSchema: addImageRequest,
      replySchema: addImageResponse,
      run: async ({ ImageName, Image }, { identity }) => {
        await addImage({ name: ImageName, image: Image, user: identity.userName }, options);
        return {};
      },
    }),
    requestReplyMethod({
      name: "ImageServer.AddImageTrusted",
      requestLimitBytes: IMAGE_LIMIT_BYTES,
      requestSchema: addImageRequest,
      replySchema: addImageResponse,
      run: async ({ ImageName, Image }) => {
        await addImage({ name: ImageName, image: Image }, options);
        return {};
      },
    }),
    requestReplyMethod({
      name: "ImageServer.ChangeImageExpiration",
      isPublic: true,
      requestSchema: changeImageExpirationRequest,
      replySchema: changeImageExpirationResponse,
      run: async (request, context) => ({
        Error: await errorTextOf(() => changeExpiration(request, context, options)),
      }),
    }),
    requestReplyMethod({
      name: "ImageServer.DeleteDirectory",
      requestSchema: deleteDirectoryRequest,
      replySchema: deleteDirectoryResponse,
      run: async ({ DirectoryName }, { identity }) => ({
        Error: await errorTextOf(async () => {
          await repository.directories.delete(DirectoryName);
          log.info("deleted a directory", { directory: DirectoryName, user: identity.userName });
        }),
      }),
    }),
    requestReplyMethod({
      name: "ImageServer.DeleteImage",
      isPublic: true,
      requestSchema: deleteImageRequest,
      replySchema: deleteImageResponse,
      run: async ({ ImageName }, context) => {
        const found = await repository.find(ImageName);
        if (found === undefined) throw refused("image does not exist");
        requireAccess(found, context);
        if (!(await repository.delete(ImageName))) throw refused("image does not exist");
        log.info("deleted an image", { image: ImageName, user: context.identity.userName });
        return {};
      },
    }),
    requestReplyMethod({
      name: "ImageServer.MakeDirectory",
      requestSchema: makeDirectoryRequest,
      replySchema: makeDirectoryResponse,
      run: async ({ DirectoryName, MakeAll }, { identity }) => {
        if (MakeAll) await repository.directories.makeAll(DirectoryName);
        else await repository.directories.make(DirectoryName);
        log.info("made a directory", { directory: DirectoryName, user: identity.userName });
        return {};
      },
    }),
  ];
}

async function changeExpiration(
  {
    ImageName,
    ExpiresAt,
  }: { readonly ImageName: string; readonly ExpiresAt: StoredImage["facts"]["ExpiresAt"] },
  context: CallContext,
  { repository, clock, log }: AddImageOptions,
): Promise<void> {
  const found = await repository.find(ImageName);
  if (found === undefined) throw refused("image not found");
  requireAccess(found, context);
  const refusal = refuseExpirationChange({
    from: found.facts.ExpiresAt,
    to: ExpiresAt,
    nowMs: clock.nowMs(),
    isPrivileged: context.hasMethodAccess,
  });
  if (refusal !== undefined) throw refused(refusal);
  if (!(await repository.changeExpiration(found, isZeroTime(ExpiresAt) ? undefined : ExpiresAt)))
    throw refused("image not found");
  log.info("changed the expiry of an image", { image: ImageName, user: context.identity.userName });
}

function requireAccess({ facts }: StoredImage, context: CallContext): void {
  if (!mayChangeImage(context, facts)) throw refused("no access to image");
}

/** For replies that carry their error: empty when all went well. What is our own fault stays an error line. */
async function errorTextOf(run: () => Promise<void>): Promise<string> {
  try {
    await run();
    return "";
  } catch (error) {
    if (!(error instanceof InstallerError)) throw error;
    return formatErrorLine(error);
  }
}

function refused(text: string): InstallerError {
  return new InstallerError("E_IMAGE_REQUEST", text);
}
