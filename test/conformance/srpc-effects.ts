import { posix } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { ObjectId } from "../../src/core/object-id.ts";
import { encodeGob } from "../../src/rpc/gob/encoder.ts";
import type { Schema } from "../../src/rpc/gob/schema.ts";
import { checkDirectoryRequest, getImageRequest } from "../../src/rpc/messages/image-server.ts";
import { checkObjectsRequest } from "../../src/rpc/messages/object-server.ts";
import { CLEAR_PATH, SECURE_PATH } from "../../src/rpc/srpc/endpoints.ts";
import type { TestCertificate } from "../support/certificates.ts";
import { LiveConnection } from "./srpc-connection.ts";
import { PlainGobDecoder } from "./srpc-gob.ts";
import type { Item } from "./srpc-script.ts";
import { fieldOf, type GobValue, textField } from "./srpc-value.ts";

/** What must be true of a server after a conversation in which it was changed. */
export type Effect =
  | { readonly kind: "image"; readonly name: string; readonly fileSystem: GobValue }
  | { readonly kind: "directory"; readonly name: string; readonly exists: boolean }
  | { readonly kind: "object"; readonly id: string; readonly sizeBytes: string };

/** The lasting results of the calls that the recorded server carried out; of each directory the last word. */
export function effectsOf(items: readonly Item[]): readonly Effect[] {
  const effects = new Map<string, Effect>();
  for (const call of new Set(items.map((item) => item.call))) {
    const parts = items.filter((item) => item.call === call);
    for (const effect of effectsOfCall(parts[0]?.method ?? "", valuesOf(parts, "c"), valuesOf(parts, "s")))
      effects.set(`${effect.kind} ${effect.kind === "object" ? effect.id : effect.name}`, effect);
  }
  return [...effects.values()];
}

function valuesOf(parts: readonly Item[], side: "c" | "s"): readonly GobValue[] {
  return parts.flatMap((item) =>
    item.side === side && item.content.kind === "value" ? [item.content.value] : [],
  );
}

/** A call that failed has no reply, or one with an error. */
function effectsOfCall(
  method: string,
  sent: readonly GobValue[],
  replies: readonly GobValue[],
): readonly Effect[] {
  if (method === "ObjectServer.AddObjects")
    return replies.map((reply, index) => {
      const sizeBytes = textField(sent[index] ?? {}, "Length");
      return { kind: "object", id: textField(reply, "Hash"), sizeBytes };
    });
  const [request] = sent;
  const [reply] = replies;
  if (request === undefined || reply === undefined || textField(reply, "Error") !== "") return [];
  const directory = posix.normalize(textField(request, "DirectoryName")).replace(/(.)\/$/, "$1");
  switch (method) {
    case "ImageServer.AddImage": {
      const fileSystem = fieldOf(fieldOf(request, "Image"), "FileSystem");
      return [{ kind: "image", name: textField(request, "ImageName"), fileSystem }];
    }
    case "ImageServer.MakeDirectory":
      return [{ kind: "directory", name: directory, exists: true }];
    case "ImageServer.DeleteDirectory":
      return [{ kind: "directory", name: directory, exists: false }];
    default:
      return [];
  }
}

/** The first effect that does not show on the server at `port`. */
export async function checkEffects(
  effects: readonly Effect[],
  to: { readonly port: number; readonly certificate?: TestCertificate },
): Promise<string | undefined> {
  if (effects.length === 0) return undefined;
  using plain = await LiveConnection.open(to.port);
  const path = to.certificate === undefined ? CLEAR_PATH : SECURE_PATH;
  plain.send(Buffer.from(`CONNECT ${path} HTTP/1.0\n\n`));
  await plain.readHead();
  using live = to.certificate === undefined ? plain : await plain.startTls(to.certificate);
  for (const effect of effects) {
    const why = await checkEffect(effect, live);
    if (why !== undefined) return why;
  }
  return undefined;
}

async function checkEffect(effect: Effect, live: LiveConnection): Promise<string | undefined> {
  switch (effect.kind) {
    case "directory": {
      const request = { DirectoryName: effect.name };
      const reply = await ask(live, "ImageServer.CheckDirectory", checkDirectoryRequest, request);
      const exists = fieldOf(reply, "DirectoryExists") === true;
      return exists === effect.exists ? undefined : `directory ${effect.name} exists: ${exists}`;
    }
    case "object": {
      const request = { Hashes: [effect.id as ObjectId] };
      const reply = await ask(live, "ObjectServer.CheckObjects", checkObjectsRequest, request);
      return isDeepStrictEqual(fieldOf(reply, "ObjectSizes"), [effect.sizeBytes])
        ? undefined
        : `object ${effect.id} is ${JSON.stringify(reply)}`;
    }
    case "image": {
      const flags = { IgnoreFilesystem: false, IgnoreFilesystemIfExpiring: false, Timeout: 0n };
      const request = { ImageName: effect.name, ...flags };
      const reply = await ask(live, "ImageServer.GetImage", getImageRequest, request);
      const stored = fieldOf(fieldOf(reply, "Image"), "FileSystem");
      return isDeepStrictEqual(stored, effect.fileSystem) ? undefined : `image ${effect.name} is another`;
    }
  }
}

async function ask<T>(
  live: LiveConnection,
  method: string,
  schema: Schema<T>,
  request: T,
): Promise<GobValue> {
  live.send(Buffer.from(`${method}\n`));
  await live.reader.line();
  live.send(encodeGob(schema, request));
  const status = await live.reader.line();
  if (status !== "") throw new Error(`${method}: ${status}`);
  return (await new PlainGobDecoder(live.reader).decode()).value;
}
