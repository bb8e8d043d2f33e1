import { once } from "node:events";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Caller } from "../caller.ts";

/** A connection that was given to the server, and who is at its other end. */
export interface InjectedConnection {
  readonly caller: Caller;
  readonly socket: Duplex;
}

/** Both ends of a connection, as gRPC tells them of a call. */
interface Ends {
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
  readonly localAddress?: string | undefined;
  readonly localPort?: number | undefined;
}

/**
 * The open connections, to be found again by their two ends. The far end alone would not do: behind a router two
 * clients may have the same address and port as long as they call different addresses of ours.
 */
export class Connections {
  readonly #byEnds = new Map<string, InjectedConnection>();
  readonly #sockets = new Set<Duplex>();

  get size(): number {
    return this.#sockets.size;
  }

  /** Until the socket closes. A socket without addresses is served, but its caller is nobody. */
  add(socket: Duplex, caller: Caller): void {
    this.#sockets.add(socket);
    const key = socket instanceof Socket ? keyOf(socket) : undefined;
    if (key !== undefined) this.#byEnds.set(key, { caller, socket });
    socket.once("close", () => {
      this.#sockets.delete(socket);
      if (key !== undefined && this.#byEnds.get(key)?.socket === socket) this.#byEnds.delete(key);
    });
  }

  find(ends: Ends): InjectedConnection | undefined {
    const key = keyOf(ends);
    return key === undefined ? undefined : this.#byEnds.get(key);
  }

  /** Resolves when all are closed, or when the time is up. */
  async closed(limitMs: number): Promise<void> {
    const late = AbortSignal.timeout(limitMs);
    const closings = [...this.#sockets].map((socket) => once(socket, "close", { signal: late }));
    await Promise.allSettled(closings);
  }

  destroyAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}

function keyOf({ remoteAddress, remotePort, localAddress, localPort }: Ends): string | undefined {
  if (remoteAddress === undefined || remotePort === undefined) return undefined;
  return `${remoteAddress} ${remotePort} ${localAddress} ${localPort}`;
}
