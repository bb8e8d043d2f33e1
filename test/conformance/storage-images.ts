import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { messageChain } from "../../src/core/errors.ts";
import type { ObjectId } from "../../src/core/object-id.ts";
import type { FileSystemTree, Image, Inode } from "../../src/images/model.ts";
import { decodeGob } from "../../src/rpc/gob/decoder.ts";
import { imageFromWire } from "../../src/rpc/messages/image-conversion.ts";
import { getImageResponse } from "../../src/rpc/messages/image-server.ts";
import type { SrpcConnection } from "../../src/rpc/srpc/client.ts";
import { ImageServerClient } from "../../src/rpc/srpc/image-server-client.ts";
import type { ImageServerConnector } from "../../src/steps/image-server-access.ts";
import { idOf } from "../support/image-trees.ts";

/** The recorded replies of the image server in `directory`, by image name, and objects to go with them. */
export async function loadImages(directory: string): Promise<RecordedImages> {
  const files = (await readdir(directory).catch(() => [])).filter((name) => name.endsWith(".gob"));
  const images = new Map<string, Image>();
  const objects = new Map<ObjectId, Uint8Array>();
  const damaged: string[] = [];
  for (const file of files) {
    try {
      const reply = decodeGob(getImageResponse, await readFile(join(directory, file)));
      if (reply.Image === undefined) throw new Error("the reply has no image");
      const image = imageFromWire(reply.Image);
      const tree = image.fileSystem && withKnownObjects(image.fileSystem, objects);
      const name = file.slice(0, -".gob".length);
      images.set(name, { ...image, ...(tree === undefined ? {} : { fileSystem: tree }) });
    } catch (error) {
      damaged.push(`${file}: ${messageChain(error)}`);
    }
  }
  return { images, objects, damaged };
}

export interface RecordedImages {
  /** Slashes of the names are underscores. */
  readonly images: ReadonlyMap<string, Image>;
  readonly objects: ReadonlyMap<ObjectId, Uint8Array>;
  /** Files that hold no image, and why. */
  readonly damaged: readonly string[];
}

/** The contents were not recorded: each object is replaced by one of the same size that we know. */
function withKnownObjects(tree: FileSystemTree, objects: Map<ObjectId, Uint8Array>): FileSystemTree {
  const replace = (inode: Inode): Inode => {
    if (inode.kind !== "regular" || inode.sizeBytes === 0) return inode;
    const content = Buffer.alloc(inode.sizeBytes, inode.objectId);
    const objectId = idOf(content);
    objects.set(objectId, content);
    return { ...inode, objectId };
  };
  const inodes = new Map([...tree.inodes].map(([number, inode]) => [number, replace(inode)]));
  return { ...tree, inodes };
}

/** Connects to an image server that has the recorded images. */
export function connectorOf({ images, objects }: RecordedImages): ImageServerConnector {
  return {
    connect: async () => new RecordedImageServer(images),
    objectSource: () => ({
      async *getObjects(ids) {
        for (const id of ids) {
          const content = objects.get(id);
          if (content !== undefined) yield { id, sizeBytes: content.byteLength, content: content.slice() };
        }
      },
    }),
  };
}

class RecordedImageServer extends ImageServerClient {
  readonly #images: ReadonlyMap<string, Image>;

  constructor(images: ReadonlyMap<string, Image>) {
    super({} as SrpcConnection);
    this.#images = images;
  }

  override async getImage(name: string): Promise<Image | undefined> {
    return this.#images.get(fileNameOf(name));
  }

  override async checkDirectory(directory: string): Promise<boolean> {
    return this.#imagesIn(directory).length > 0;
  }

  override async findLatestImage(directory: string): Promise<string | undefined> {
    const newest = this.#imagesIn(directory).toSorted((a, b) => Number(secondsOf(b[1]) - secondsOf(a[1])))[0];
    return newest && `${directory}/${newest[0].slice(fileNameOf(directory).length + 1)}`;
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    // There is no connection.
  }

  #imagesIn(directory: string): readonly (readonly [string, Image])[] {
    return [...this.#images].filter(([name]) => name.startsWith(`${fileNameOf(directory)}_`));
  }
}

function fileNameOf(imageName: string): string {
  return imageName.replaceAll("/", "_");
}

function secondsOf({ createdOn }: Image): bigint {
  return createdOn?.seconds ?? 0n;
}
