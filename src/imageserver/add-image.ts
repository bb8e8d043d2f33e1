import { InstallerError } from "../core/errors.ts";
import type { Logger } from "../core/logger.ts";
import type { ObjectId } from "../core/object-id.ts";
import type { FileSystemTree, Image } from "../images/model.ts";
import { requiredObjects } from "../images/tree.ts";
import { validateTree } from "../images/validate-tree.ts";
import type { FileObjectStore } from "../objectcache/object-store.ts";
import type { WireImage } from "../rpc/messages/image.ts";
import { imageFromWire } from "../rpc/messages/image-conversion.ts";
import type { Clock } from "../system/power.ts";
import { directoryOfImage } from "./image-name.ts";
import type { ImageRepository } from "./image-repository.ts";
import { imageTimeOf, millisecondsSince1970 } from "./image-time.ts";
import { lookUpSizes } from "./object-sizes.ts";

export interface AddImageOptions {
  readonly repository: ImageRepository;
  readonly store: FileObjectStore & { sync(): Promise<void> };
  readonly clock: Pick<Clock, "nowMs">;
  readonly log: Logger;
}

export interface AddImage {
  readonly name: string;
  readonly image: WireImage | undefined;
  /** Who adds it; absent: what the image says about its making is believed. */
  readonly user?: string;
}

/**
 * Stores an image that a caller sends (spec/imageservice.md 5.2), whose objects are here already. Beyond the original's checks
 * the tree must be one that can be unpacked. An image whose time has passed is accepted and dropped. Rejects with
 * E_IMAGE_NAME, E_IMAGE_EXISTS, E_IMAGE_REQUEST, E_IMAGE_INVALID or E_OBJECT_MISSING; the messages are the answers.
 */
export async function addImage(request: AddImage, options: AddImageOptions): Promise<void> {
  const { name, user } = request;
  const { repository, store, clock, log } = options;
  if ((await repository.find(name)) !== undefined)
    throw new InstallerError("E_IMAGE_EXISTS", "image already exists");
  await repository.requireFree(name);
  const { image, tree } = parseImage(request.image);
  const directory = directoryOfImage(name);
  if (!(await repository.hasDirectory(directory)))
    throw new InstallerError("E_IMAGE_REQUEST", `directory: ${directory} does not exist`);
  await requireObjects(image, tree, store);
  const nowMs = clock.nowMs();
  if (image.expiresAt !== undefined && millisecondsSince1970(image.expiresAt) <= nowMs) {
    log.info("not keeping an image that has expired", { image: name });
    return;
  }
  await store.sync();
  await repository.add(
    name,
    user === undefined ? image : { ...image, createdBy: user, createdOn: imageTimeOf(nowMs) },
  );
  log.info("added an image", { image: name, user: image.createdBy });
}

function parseImage(wire: WireImage | undefined): { readonly image: Image; readonly tree: FileSystemTree } {
  if (wire === undefined) throw new InstallerError("E_IMAGE_REQUEST", "nil image");
  const image = imageFromWire(wire);
  if (image.fileSystem === undefined) throw new InstallerError("E_IMAGE_REQUEST", "nil file-system");
  validateTree(image.fileSystem);
  return { image, tree: image.fileSystem };
}

async function requireObjects(image: Image, tree: FileSystemTree, store: FileObjectStore): Promise<void> {
  const required: Map<ObjectId, number | undefined> = requiredObjects(tree);
  for (const annotation of [image.releaseNotes, image.buildLog])
    if (annotation?.object !== undefined && !required.has(annotation.object))
      required.set(annotation.object, undefined);
  const sizes = await lookUpSizes([...required.keys()], store);
  const missing = [...required.keys()].filter((id) => !sizes.has(id));
  if (missing.length > 0)
    throw new InstallerError(
      "E_OBJECT_MISSING",
      missing.length === 1
        ? `object: ${missing[0]} is not available`
        : `${missing.length} objects are not available`,
    );
  for (const [id, sizeBytes] of required)
    if (sizeBytes !== undefined && sizes.get(id) !== sizeBytes)
      throw new InstallerError(
        "E_IMAGE_INVALID",
        `object: ${id} has ${sizes.get(id)} bytes, not ${sizeBytes}`,
      );
}
