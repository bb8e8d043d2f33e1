import { posix } from "node:path";
import { InstallerError } from "../../core/errors.ts";
import type { ObjectId } from "../../core/object-id.ts";
import type { Image } from "../../images/model.ts";
import { imageFromWire } from "../messages/image-conversion.ts";
import {
  checkDirectoryRequest,
  checkDirectoryResponse,
  findLatestImageRequest,
  findLatestImageResponse,
  getImageRequest,
  getImageResponse,
} from "../messages/image-server.ts";
import { getObjectsRequest, getObjectsResponse } from "../messages/object-server.ts";
import type { Call, SrpcConnection } from "./client.ts";

export interface ResolvedImage {
  /** The name of the image found, which may not be the one asked for. */
  readonly name: string;
  readonly image: Image;
}

/** An object on its way; whether the content is what the id says is for the receiver to check. */
export interface FetchedObject {
  readonly id: ObjectId;
  readonly sizeBytes: number;
  /** Whole when it is small or at hand; else to be read before the next is asked for, when what is left is skipped. */
  readonly content: AsyncIterable<Uint8Array> | Uint8Array;
}

const NAME_LIMIT_BYTES = 16 * 1024;
const MAX_IMAGES = 1_000_000;
/** Objects up to this size are waited for and handed on whole. */
const SMALL_OBJECT_BYTES = 64 * 1024;

/** Calls of an image server (spec/imageservice.md). Every method may also reject as SrpcConnection.openCall does. */
export class ImageServerClient implements AsyncDisposable {
  readonly #connection: SrpcConnection;

  /** Takes over the connection. */
  constructor(connection: SrpcConnection) {
    this.#connection = connection;
  }

  /** The names of all images, in no order. */
  async listImages(signal: AbortSignal): Promise<readonly string[]> {
    await using call = await this.#connection.openCall("ImageServer.ListImages", signal);
    const names: string[] = [];
    for (;;) {
      const name = await call.readLine(NAME_LIMIT_BYTES);
      if (name === "") break;
      if (names.length === MAX_IMAGES)
        throw new InstallerError("E_SRPC_PROTOCOL", `listing more than ${MAX_IMAGES} images`);
      names.push(name);
    }
    call.finish();
    return names;
  }

  async checkDirectory(directory: string, signal: AbortSignal): Promise<boolean> {
    const reply = await this.#connection.requestReply(
      {
        method: "ImageServer.CheckDirectory",
        requestSchema: checkDirectoryRequest,
        request: { DirectoryName: directory },
        replySchema: checkDirectoryResponse,
      },
      signal,
    );
    return reply.DirectoryExists;
  }

  /** The name of the newest image directly in `directory`; undefined when there is none. */
  async findLatestImage(directory: string, signal: AbortSignal): Promise<string | undefined> {
    const reply = await this.#connection.requestReply(
      {
        method: "ImageServer.FindLatestImage",
        requestSchema: findLatestImageRequest,
        request: {
          BuildCommitId: "",
          DirectoryName: directory,
          IgnoreExpiringImages: false,
          TagsToMatch: new Map(),
        },
        replySchema: findLatestImageResponse,
      },
      signal,
    );
    if (reply.Error !== "")
      throw new InstallerError(
        "E_SRPC_CALL_FAILED",
        `finding the latest image in ${directory}: ${reply.Error}`,
      );
    return reply.ImageName === "" ? undefined : reply.ImageName;
  }

  /** Undefined when there is no such image. E_IMAGE_INVALID when it cannot be; its tree is not validated yet. */
  async getImage(name: string, signal: AbortSignal): Promise<Image | undefined> {
    const reply = await this.#connection.requestReply(
      {
        method: "ImageServer.GetImage",
        requestSchema: getImageRequest,
        request: { ImageName: name, IgnoreFilesystem: false, IgnoreFilesystemIfExpiring: false, Timeout: 0n },
        replySchema: getImageResponse,
      },
      signal,
    );
    return reply.Image && imageFromWire(reply.Image);
  }

  /**
   * The image that `name` stands for: the image itself, else the newest of the directory of that name, else the
   * newest of its parent directory (spec/storage.md section 5.1). E_IMAGE_NOT_FOUND when there is none.
   */
  async resolveImage(name: string, signal: AbortSignal): Promise<ResolvedImage> {
    if (name === "") throw new InstallerError("E_IMAGE_NOT_FOUND", "looking for an image without a name");
    const image = await this.getImage(name, signal);
    if (image !== undefined) return { name, image };
    const directory = await this.#findStream(name, signal);
    const latestName = await this.findLatestImage(directory, signal);
    const latest = latestName === undefined ? undefined : await this.getImage(latestName, signal);
    if (latestName === undefined || latest === undefined)
      throw new InstallerError("E_IMAGE_NOT_FOUND", `no image found in: ${directory}`);
    return { name: latestName, image: latest };
  }

  /**
   * The objects in the order of `ids`, large ones as soon as they begin to arrive. E_OBJECT_MISSING when
   * the server lacks one, before anything is sent. Whoever stops early loses the connection.
   */
  async *getObjects(ids: readonly ObjectId[], signal: AbortSignal): AsyncGenerator<FetchedObject> {
    if (ids.length === 0) return;
    await using call = await this.#connection.openCall("ObjectServer.GetObjects", signal);
    await call.send(getObjectsRequest, { Exclusive: false, Hashes: ids });
    const { ResponseString, ObjectSizes } = await call.receive(getObjectsResponse);
    if (ResponseString !== "") {
      call.finish();
      throw new InstallerError("E_OBJECT_MISSING", `fetching ${ids.length} objects: ${ResponseString}`);
    }
    if (ObjectSizes.length !== ids.length)
      throw new InstallerError(
        "E_SRPC_PROTOCOL",
        `fetching ${ids.length} objects: the server announces ${ObjectSizes.length}`,
      );
    for (const [index, id] of ids.entries()) {
      const sizeBytes = ObjectSizes[index] ?? 0;
      const isSmall = sizeBytes <= SMALL_OBJECT_BYTES;
      const whole = call.take(sizeBytes) ?? (isSmall ? await call.readExactly(sizeBytes) : undefined);
      if (whole !== undefined) {
        yield { id, sizeBytes, content: whole };
        continue;
      }
      const body = new ObjectBody(call, sizeBytes);
      yield { id, sizeBytes, content: body.chunks() };
      await body.skip();
    }
    call.finish();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection[Symbol.asyncDispose]();
  }

  async #findStream(name: string, signal: AbortSignal): Promise<string> {
    if (await this.checkDirectory(name, signal)) return name;
    const parent = parentDirectory(name);
    if (await this.checkDirectory(parent, signal)) return parent;
    throw new InstallerError("E_IMAGE_NOT_FOUND", `${parent} is not a directory`);
  }
}

/** The directory of an image name, `.` at the top. */
function parentDirectory(name: string): string {
  const parent = posix.normalize(name.slice(0, name.lastIndexOf("/") + 1));
  return parent.length > 1 ? parent.replace(/\/$/, "") : parent;
}

/** The bytes of one object, which end at a place known beforehand and not at the end of anything. */
class ObjectBody {
  remainingBytes: number;
  readonly #call: Call;

  constructor(call: Call, sizeBytes: number) {
    this.#call = call;
    this.remainingBytes = sizeBytes;
  }

  async *chunks(): AsyncGenerator<Uint8Array, undefined> {
    while (this.remainingBytes > 0) {
      const chunk = await this.#call.readSome(this.remainingBytes);
      this.remainingBytes -= chunk.length;
      yield chunk;
    }
  }

  async skip(): Promise<void> {
    for await (const chunk of this.chunks()) void chunk;
  }
}
