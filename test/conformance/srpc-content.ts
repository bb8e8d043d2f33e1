import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { silentLogger } from "../../src/core/logger.ts";
import type { Image, ImageTime } from "../../src/images/model.ts";
import { ImageRepository } from "../../src/imageserver/image-repository.ts";
import { DirectoryObjectStore } from "../../src/objectcache/directory-object-store.ts";
import { decodeGob } from "../../src/rpc/gob/decoder.ts";
import { imageFromWire } from "../../src/rpc/messages/image-conversion.ts";
import { getImageResponse } from "../../src/rpc/messages/image-server.ts";
import type { Host } from "../../src/system/host.ts";

/** When the images of the recordings were made: the first of them at 2026-11-20 22:37:58 UTC. */
const MADE_AT_SECONDS = 1_795_214_278n;
/** When the recorded image that expires does so, to the nanosecond: it is told to clients. */
const EXPIRES: { readonly name: string; readonly at: ImageTime } = {
  name: "debian/bookworm.2",
  at: { seconds: 1_795_286_279n, nanoseconds: 875_496_546, offsetSeconds: 0 },
};
/** The time at which the recorded servers were talked to. */
export const RECORDED_AT_MS = Number(MADE_AT_SECONDS + 600n) * 1000;

/** What the recorded image server had. */
export interface ServerState {
  readonly imagesBefore: readonly string[];
  readonly directoriesBefore: readonly string[];
}

/** Directories of an image server. */
export interface ContentDirectories {
  readonly imageDirectory: string;
  readonly objectDirectory: string;
}

/** The tree of all recorded images and its objects. */
export interface RecordedTree {
  readonly image: Image;
  readonly objects: readonly Buffer[];
}

/** Reads vectors/image/from-tar. */
export async function readRecordedTree(vectorDirectory: string): Promise<RecordedTree> {
  const directory = join(vectorDirectory, "image", "from-tar");
  const { Image: wire } = decodeGob(getImageResponse, await readFile(join(directory, "reply.gob")));
  if (wire === undefined) throw new Error("image/from-tar/reply.gob has no image");
  const objects = join(directory, "objects");
  const names = await readdir(objects);
  return {
    image: imageFromWire(wire),
    objects: await Promise.all(names.map((name) => readFile(join(objects, name)))),
  };
}

/** Fills empty directories with the images, objects and directories of `state`. */
export async function makeContent(
  directories: ContentDirectories,
  state: ServerState,
  tree: RecordedTree,
  host: Pick<Host, "files" | "hashing" | "clock">,
): Promise<void> {
  const { imageDirectory, objectDirectory } = directories;
  const clock = { nowMs: () => RECORDED_AT_MS };
  const log = silentLogger;
  const repository = new ImageRepository({ root: imageDirectory, files: host.files, clock, log });
  const store = new DirectoryObjectStore({ root: objectDirectory, ...host });
  for (const object of tree.objects) await store.add(onePiece(object));
  for (const name of state.directoriesBefore) await mkdir(join(imageDirectory, name), { recursive: true });
  for (const [index, name] of state.imagesBefore.entries())
    await repository.add(name, {
      ...tree.image,
      createdBy: "admin",
      createdOn: { seconds: MADE_AT_SECONDS + BigInt(index), nanoseconds: 0, offsetSeconds: 0 },
      ...(name === EXPIRES.name ? { expiresAt: EXPIRES.at } : {}),
    });
}

async function* onePiece(content: Buffer): AsyncGenerator<Uint8Array> {
  yield content;
}
