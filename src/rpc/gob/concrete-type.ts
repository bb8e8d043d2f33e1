import { corrupt, overLimit } from "./errors.ts";
import type { MessageCursor } from "./message-cursor.ts";
import type { Decoding } from "./plan.ts";
import type { WireTypes } from "./wire-types.ts";

/** The registered name at the start of an interface; empty for a nil interface, after which nothing follows. */
export function readInterfaceName(cursor: MessageCursor): string {
  const name = cursor.readBytes();
  if (name.length > cursor.limits.interfaceNameBytes)
    throw overLimit(`name too long (${name.length} bytes) in an interface`);
  return name.toString("utf8");
}

/**
 * The type number of an interface's contents and the byte count behind it, with the definitions that may stand before
 * them (spec/gob.md A6). A definition ends its message, or, inside the contents of another interface, is followed by a
 * count: either way one length belongs to it.
 */
export function* readConcreteType(cursor: MessageCursor, types: WireTypes): Decoding<number> {
  for (;;) {
    if (cursor.remaining === 0) cursor.load(yield);
    const id = cursor.readInt();
    if (id > 0) {
      // The count of the contents; like Go we rely on the contents themselves.
      cursor.readUint();
      return id;
    }
    if (id === 0) throw corrupt("unknown type id or corrupted data (0)");
    types.define(-id, cursor);
    if (cursor.remaining > 0) cursor.readUint();
  }
}

/** The zero byte before every value outside of a struct that is not a struct itself. */
export function readSingletonMark(cursor: MessageCursor): void {
  if (cursor.readUint() !== 0) throw corrupt("corrupted data: non-zero delta for singleton");
}
