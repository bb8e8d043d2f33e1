import { bool, objectId, optional, safeUint, slice, struct, text, uint64 } from "../gob/schema.ts";

/** Requests and replies of the receiver ObjectServer (spec/gob.md B4, spec/imageservice.md 5.4 to 5.6). */

export const checkObjectsRequest = struct("CheckObjectsRequest", { Hashes: slice(objectId) });
/** One size for each hash; 0: unknown. */
export const checkObjectsResponse = struct("CheckObjectsResponse", { ObjectSizes: slice(uint64) });

export const getObjectsRequest = struct("GetObjectsRequest", { Exclusive: bool, Hashes: slice(objectId) });
/** The bytes of all objects follow, back to back, unless ResponseString tells what is wrong. */
export const getObjectsResponse = struct("GetObjectsResponse", {
  ResponseString: text,
  ObjectSizes: slice(safeUint),
});

/** Length bytes of the object follow; Length 0 ends the call. */
export const addObjectRequest = struct("AddObjectRequest", {
  Length: safeUint,
  ExpectedHash: optional(objectId),
});
export const addObjectResponse = struct("AddObjectResponse", {
  ErrorString: text,
  Hash: objectId,
  Added: bool,
});
