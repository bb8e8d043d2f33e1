import type { MessageType } from "./message-type.ts";

/** The bytes of a message. */
export function encodeMessage<T>(type: MessageType<T>, message: T): Buffer {
  const bytes = type.encode(message).finish();
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/**
 * The message as a plain object: fields at their default are there, what may be absent and is absent is not. Throws
 * what the protobuf library throws when the bytes are no such message.
 */
export function decodeMessage<T>(type: MessageType<T>, bytes: Uint8Array): T {
  return toPlain(type.decode(bytes)) as T;
}

/** Decoded messages have their defaults in the prototype, where neither a copy nor JSON finds them. */
function toPlain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(toPlain);
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
  // The prototype first: it has the fields in the order of their declaration.
  const names = new Set([...Object.keys(Object.getPrototypeOf(value) as object), ...Object.keys(value)]);
  return Object.fromEntries(
    [...names].flatMap((name) => {
      const field: unknown = Reflect.get(value, name);
      return field === null || field === undefined ? [] : [[name, toPlain(field)]];
    }),
  );
}
