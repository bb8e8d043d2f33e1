import type { MessageCursor } from "./message-cursor.ts";

/**
 * Decoding of one value, suspended wherever the value goes on in the next message: it yields to ask for that message's
 * payload. Only an interface can ask (spec/gob.md A6), but everything around it has to wait with it; a generator keeps
 * the half-made value, so nothing is ever decoded twice, and the same code serves sockets and buffers.
 */
export type Decoding<T = unknown> = Generator<void, T, Uint8Array>;

/** Reads what may span several messages. */
export type TreeReader = (cursor: MessageCursor) => Decoding;

/** How to decode one type of the sender: a leaf lies within one message, a tree may span several. */
export type Plan =
  | { readonly kind: "leaf"; readonly read: (cursor: MessageCursor) => unknown }
  | { readonly kind: "tree"; readonly read: TreeReader };

export function leaf(read: (cursor: MessageCursor) => unknown): Plan {
  return { kind: "leaf", read };
}

export function tree(read: TreeReader): Plan {
  return { kind: "tree", read };
}

/** A plan for a type that contains itself: made first, told how to read once its parts are known. */
export class OpenPlan {
  readonly kind = "tree";
  #read: TreeReader | undefined;

  readonly read: TreeReader = (cursor) => {
    if (this.#read === undefined) throw new Error("a gob plan was used before it was complete");
    return this.#read(cursor);
  };

  close(read: TreeReader): void {
    this.#read = read;
  }
}
