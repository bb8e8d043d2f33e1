import { isMarkedAsUntransferable } from "node:worker_threads";

/**
 * The chunks as one, in an ArrayBuffer of its own that can move to another thread: copied together, except when there
 * is one chunk that is like that already.
 */
export function joinMovable(chunks: readonly Uint8Array[], totalBytes: number): Uint8Array<ArrayBuffer> {
  const [first] = chunks;
  if (chunks.length === 1 && first !== undefined && isMovable(first)) return first;
  const joined = Buffer.allocUnsafeSlow(totalBytes);
  let offset = 0;
  for (const chunk of chunks) {
    joined.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return joined;
}

function isMovable(chunk: Uint8Array): chunk is Uint8Array<ArrayBuffer> {
  const { buffer } = chunk;
  return (
    buffer instanceof ArrayBuffer &&
    buffer.byteLength === chunk.byteLength &&
    !isMarkedAsUntransferable(buffer)
  );
}
