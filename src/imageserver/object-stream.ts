import { InstallerError } from "../core/errors.ts";
import type { ObjectId } from "../core/object-id.ts";
import type { FileObjectStore } from "../objectcache/object-store.ts";
import type { FileSystem } from "../system/files.ts";

/** Objects up to this size are read in one go, and before it is their turn. */
const SMALL_BYTES = 64 * 1024;
/** Small objects on the way at a time: most files of an image are small, and opening them takes longer than reading. */
const READ_AHEAD = 16;
/** Small pieces leave together. */
const PIECE_BYTES = 64 * 1024;

export interface SizedObject {
  readonly id: ObjectId;
  readonly sizeBytes: number;
}

export interface ObjectFiles {
  readonly store: FileObjectStore;
  readonly files: Pick<FileSystem, "readFile">;
}

/**
 * The bytes of all objects back to back, in pieces that are worth a write. Throws E_OBJECT_CORRUPT when one does not
 * have its size any more: its receiver could not tell where the next begins.
 */
export async function* streamObjects(
  objects: readonly SizedObject[],
  { store, files }: ObjectFiles,
): AsyncGenerator<Uint8Array> {
  let collected: Uint8Array[] = [];
  let collectedBytes = 0;
  for await (const piece of readInOrder(objects, { store, files })) {
    collected.push(piece);
    collectedBytes += piece.length;
    if (collectedBytes < PIECE_BYTES) continue;
    yield joined(collected, collectedBytes);
    collected = [];
    collectedBytes = 0;
  }
  if (collectedBytes > 0) yield joined(collected, collectedBytes);
}

async function* readInOrder(
  objects: readonly SizedObject[],
  { store, files }: ObjectFiles,
): AsyncGenerator<Uint8Array> {
  const ahead: (Promise<Uint8Array> | undefined)[] = [];
  for (const [index, object] of objects.entries()) {
    for (const next of objects.slice(index + ahead.length, index + READ_AHEAD))
      ahead.push(next.sizeBytes <= SMALL_BYTES ? readSmall(next, { store, files }) : undefined);
    const small = ahead.shift();
    if (small === undefined) yield* readLarge(object, store);
    else yield await small;
  }
}

function readSmall({ id, sizeBytes }: SizedObject, { store, files }: ObjectFiles): Promise<Uint8Array> {
  const read = async (): Promise<Uint8Array> => {
    const content = await files.readFile(await store.pathOf(id), { limitBytes: SMALL_BYTES });
    if (content.length !== sizeBytes) throw changed(id);
    return content;
  };
  const reading = read();
  // It may fail before its turn comes, or never be asked for.
  reading.catch(() => undefined);
  return reading;
}

async function* readLarge(
  { id, sizeBytes }: SizedObject,
  store: FileObjectStore,
): AsyncGenerator<Uint8Array> {
  let seenBytes = 0;
  for await (const piece of store.open(id)) {
    seenBytes += piece.length;
    if (seenBytes > sizeBytes) throw changed(id);
    yield piece;
  }
  if (seenBytes !== sizeBytes) throw changed(id);
}

function joined(pieces: readonly Uint8Array[], totalBytes: number): Uint8Array {
  const [first] = pieces;
  return pieces.length === 1 && first !== undefined ? first : Buffer.concat(pieces, totalBytes);
}

function changed(id: ObjectId): InstallerError {
  return new InstallerError("E_OBJECT_CORRUPT", `sending object ${id}: its file has changed`);
}
