import { silentLogger } from "../../../src/core/logger.ts";
import type { Image } from "../../../src/images/model.ts";
import { type ImageServerOptions, startImageServer } from "../../../src/imageserver/start-image-server.ts";
import type { Schema } from "../../../src/rpc/gob/schema.ts";
import { imageToWire } from "../../../src/rpc/messages/image-conversion.ts";
import { addImageRequest, addImageResponse } from "../../../src/rpc/messages/image-server.ts";
import { addObjectRequest, addObjectResponse } from "../../../src/rpc/messages/object-server.ts";
import type { ListeningPort } from "../../../src/rpc/port/listen.ts";
import type { SrpcConnection } from "../../../src/rpc/srpc/client.ts";
import { FakeClock, FakeHashing } from "../../support/fake-host.ts";
import { idOf } from "../../support/image-trees.ts";
import { MemoryFileSystem } from "../../support/memory-file-system.ts";
import { signal } from "./srpc-server.ts";

export const NOW_SECONDS = 1_700_000_000;

/** An image server whose disk is memory and whose clock stands still until told. */
export interface ImageServerMachine extends AsyncDisposable {
  readonly port: ListeningPort;
  readonly files: MemoryFileSystem;
  readonly clock: FakeClock;
}

export async function startImageServerMachine(
  options: Partial<ImageServerOptions> = {},
): Promise<ImageServerMachine> {
  const files = new MemoryFileSystem();
  const clock = new FakeClock({ manual: true, nowMs: NOW_SECONDS * 1000 });
  const port = await startImageServer({
    imageDirectory: "/images",
    objectDirectory: "/objects",
    port: 0,
    address: "127.0.0.1",
    hostname: "host.example",
    host: { files, hashing: new FakeHashing(files), clock },
    log: silentLogger,
    ...options,
  });
  return { port, files, clock, [Symbol.asyncDispose]: () => port.close() };
}

/** One request and its reply; `fields` are those of the request that are not zero. */
export function ask<Request, Reply>(
  connection: SrpcConnection,
  method: string,
  [requestSchema, replySchema]: readonly [Schema<Request>, Schema<Reply>],
  request: NoInfer<Request>,
): Promise<Reply> {
  return connection.requestReply(
    { method: `ImageServer.${method}`, requestSchema, request, replySchema },
    signal,
  );
}

/** What the server answered to each object: whether it was new, or the error. */
export async function addObjects(
  connection: SrpcConnection,
  objects: readonly { readonly content: string; readonly expected?: string }[],
): Promise<readonly (boolean | string)[]> {
  await using call = await connection.openCall("ObjectServer.AddObjects", signal);
  for (const { content, expected } of objects) {
    const ExpectedHash = expected === undefined ? undefined : idOf(expected);
    await call.send(addObjectRequest, { Length: Buffer.byteLength(content), ExpectedHash });
    await call.write(content);
  }
  await call.send(addObjectRequest, { Length: 0, ExpectedHash: undefined });
  const answers: (boolean | string)[] = [];
  for (const { content } of objects) {
    const { ErrorString, Hash, Added } = await call.receive(addObjectResponse);
    if (ErrorString === "" && Hash !== idOf(content)) throw new Error(`the server says ${Hash}`);
    answers.push(ErrorString === "" ? Added : ErrorString);
  }
  call.finish();
  return answers;
}

/** Adds an image; rejects as the server says. */
export async function addImage(connection: SrpcConnection, name: string, image: Image): Promise<void> {
  const request = { ImageName: name, Image: imageToWire(image) };
  await ask(connection, "AddImage", [addImageRequest, addImageResponse], request);
}
