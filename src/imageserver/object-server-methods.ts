import { hasCode, messageChain } from "../core/errors.ts";
import type { ObjectId } from "../core/object-id.ts";
import type { ObjectImporter } from "../objectcache/object-store.ts";
import {
  checkObjectsRequest,
  checkObjectsResponse,
  getObjectsRequest,
  getObjectsResponse,
} from "../rpc/messages/object-server.ts";
import { type Method, requestReplyMethod, type ServerCall, streamMethod } from "../rpc/srpc/method.ts";
import { lookUpSizes } from "./object-sizes.ts";
import { type ObjectFiles, type SizedObject, streamObjects } from "./object-stream.ts";
import { receiveObjects } from "./receive-objects.ts";
import { Turns } from "./turns.ts";

const MAX_CONCURRENT_GETS = 100;

interface ObjectServerMethodOptions {
  /** Whoever shows no certificate may read. */
  readonly isUnauthenticated: boolean;
  /** False: the method that adds objects does not exist. */
  readonly isWritable: boolean;
}

/** The receiver ObjectServer (spec/imageservice.md 5.4 to 5.6); its methods need the right to them. */
export function objectServerMethods(
  objects: ObjectFiles & { readonly store: ObjectImporter },
  { isUnauthenticated, isWritable }: ObjectServerMethodOptions,
): readonly Method[] {
  const turns = new Turns(MAX_CONCURRENT_GETS);
  const addObjects = streamMethod({
    name: "ObjectServer.AddObjects",
    run: async (call) => receiveObjects(call, objects.store),
  });
  return [
    requestReplyMethod({
      name: "ObjectServer.CheckObjects",
      isUnauthenticated,
      requestSchema: checkObjectsRequest,
      replySchema: checkObjectsResponse,
      run: async ({ Hashes }) => {
        const sizes = await lookUpSizes(Hashes, objects.store);
        return { ObjectSizes: Hashes.map((id) => BigInt(sizes.get(id) ?? 0)) };
      },
    }),
    streamMethod({
      name: "ObjectServer.GetObjects",
      isUnauthenticated,
      run: async (call) => {
        using _turn = await turns.take();
        await sendObjects(call, objects);
      },
    }),
    ...(isWritable ? [addObjects] : []),
  ];
}

async function sendObjects(call: ServerCall, objects: ObjectFiles): Promise<void> {
  const ids = await receiveIds(call);
  const sizes = await lookUpSizes(ids, objects.store);
  const unknown = ids.filter((id) => !sizes.has(id));
  const response = {
    ResponseString: describeUnknown(unknown),
    ObjectSizes: ids.map((id) => sizes.get(id) ?? 0),
  };
  await call.send(getObjectsResponse, response);
  if (unknown.length > 0) return;
  const wanted: readonly SizedObject[] = ids.map((id) => ({ id, sizeBytes: sizes.get(id) ?? 0 }));
  for await (const piece of streamObjects(wanted, objects)) await call.write(piece);
}

/** The caller learns what is wrong with its request; the connection cannot go on after that. */
async function receiveIds(call: ServerCall): Promise<readonly ObjectId[]> {
  try {
    return (await call.receive(getObjectsRequest)).Hashes;
  } catch (error) {
    if (hasCode(error, "E_GOB_CORRUPT", "E_GOB_TYPE", "E_GOB_LIMIT", "E_JSON_MESSAGE"))
      await call.send(getObjectsResponse, { ResponseString: messageChain(error), ObjectSizes: [] });
    throw error;
  }
}

/** The original's words, which name the last one although they say `first`. */
function describeUnknown(unknown: readonly ObjectId[]): string {
  const last = unknown.at(-1);
  if (last === undefined) return "";
  return unknown.length === 1
    ? `unknown object: ${last}`
    : `first of ${unknown.length} unknown objects: ${last}`;
}
