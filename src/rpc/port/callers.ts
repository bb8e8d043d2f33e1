import type { Socket } from "node:net";
import { anonymousCaller, type Caller, peerOf } from "../caller.ts";

/** Who is at the other end of each open connection of a port. */
export class Callers {
  readonly #bySocket = new WeakMap<object, Caller>();
  readonly #byPeer = new Map<string, Set<Caller>>();

  /** Remembers the caller of an open connection until it closes. */
  register(socket: Socket, caller: Caller): void {
    if (socket.closed) return;
    this.#bySocket.set(socket, caller);
    const callers = this.#byPeer.get(caller.peer) ?? new Set();
    this.#byPeer.set(caller.peer, callers.add(caller));
    socket.once("close", () => {
      callers.delete(caller);
      if (callers.size === 0) this.#byPeer.delete(caller.peer);
    });
  }

  /** For handlers of HTTP requests (`request.socket`). A connection that is not known is a stranger's. */
  of(socket: Socket): Caller {
    return this.#bySocket.get(socket) ?? anonymousCaller(peerOf(socket), false);
  }

  /**
   * For handlers of gRPC calls, who only learn the peer's `address:port` (`call.getPeer()`). Nobody is believed to be
   * somebody while two connections claim that peer: it may reach several addresses of ours from one port.
   */
  ofPeer(peer: string): Caller {
    const [caller, ...others] = this.#byPeer.get(peer) ?? [];
    return caller === undefined || others.length > 0 ? anonymousCaller(peer, false) : caller;
  }

  /** Peers that are connected now. */
  get peers(): number {
    return this.#byPeer.size;
  }
}
