import type { Socket } from "node:net";
import { classifyOpening, type Opening, withCarriageReturns } from "./first-bytes.ts";

/**
 * Waits until it is clear what the other side of `socket` speaks, and puts the bytes back for whoever reads on.
 * Undefined: the connection ended before.
 */
export function sniff(socket: Socket): Promise<Opening | undefined> {
  const { promise, resolve } = Promise.withResolvers<Opening | undefined>();
  let seen = Buffer.alloc(0);
  const settle = (opening: Opening | undefined): void => {
    socket.off("readable", onReadable).off("end", onEnd).off("close", onEnd);
    resolve(opening);
  };
  const onEnd = (): void => settle(undefined);
  const onReadable = (): void => {
    const bytes = socket.read() as Buffer | null;
    if (bytes === null) return;
    seen = Buffer.concat([seen, bytes]);
    const opening = classifyOpening(seen);
    if (opening === undefined) return;
    socket.unshift(opening === "http" ? withCarriageReturns(seen) : seen);
    settle(opening);
  };
  socket.on("readable", onReadable).once("end", onEnd).once("close", onEnd);
  return promise;
}
