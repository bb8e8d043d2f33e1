import { hasCode, messageChain } from "../core/errors.ts";
import type { ObjectId } from "../core/object-id.ts";
import { forEachConcurrently } from "../objectcache/concurrency.ts";
import {
  checkObjectsRequest,
  checkObjectsResponse,
  getObjectsRequest,
  getObjectsResponse,
} from "../rpc/messages/object-server.ts";
import { type Method, requestReplyMethod, type ServerCall, streamMethod } from "../rpc/srpc/method.ts";
import { type ObjectFiles, type SizedObject, streamObjects } from "./object-stream.ts";
import { Turns } from "./turns.ts";

const MAX_CONCURRENT_GETS = 100;
/** Sizes looked up at a time: the first time, an object is read and verified for that. */
const CONCURRENT_LOOKUPS = 8;

/** The read methods of the receiver ObjectServer (spec/imageservice.md 5.4, 5.5); they need method power. */
export function objectServerMethods(
  objects: ObjectFiles,
  options: { readonly isUnauthenticated: boolean },
): readonly Method[] {
  const turns = new Turns(MAX_CONCURRENT_GETS);
  return [
    requestReplyMethod({
      name: "ObjectServer.CheckObjects",
      ...options,
      requestSchema: checkObjectsRequest,
      replySchema: checkObjectsResponse,
      run: async ({ Hashes }) => {
        const sizes = await lookUpSizes(Hashes, objects);
        return { ObjectSizes: Hashes.map((id) => BigInt(sizes.get(id) ?? 0)) };
      },
    }),
    streamMethod({
      name: "ObjectServer.GetObjects",
      ...options,
      run: async (call) => {
        using _turn = await turns.take();
        await sendObjects(call, objects);
      },
    }),
  ];
}

async function sendObjects(call: ServerCall, objects: ObjectFiles): Promise<void> {
  const ids = await receiveIds(call);
  const sizes = await lookUpSizes(ids, objects);
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
    if (hasCode(error, "E_GOB_CORRUPT", "E_GOB_TYPE", "E_GOB_LIMIT"))
      await call.send(getObjectsResponse, { ResponseString: messageChain(error), ObjectSizes: [] });
    throw error;
  }
}

/** The sizes of those objects that are there. */
async function lookUpSizes(
  ids: readonly ObjectId[],
  { store }: ObjectFiles,
): Promise<ReadonlyMap<ObjectId, number>> {
  const sizes = new Map<ObjectId, number>();
  await forEachConcurrently(new Set(ids), CONCURRENT_LOOKUPS, async (id) => {
    const size = await store.size(id);
    if (size !== undefined) sizes.set(id, size);
  });
  return sizes;
}

/** The original's words, which name the last one although they say `first`. */
function describeUnknown(unknown: readonly ObjectId[]): string {
  const last = unknown.at(-1);
  if (last === undefined) return "";
  return unknown.length === 1
    ? `unknown object: ${last}`
    : `first of ${unknown.length} unknown objects: ${last}`;
}
