import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import type { Socket } from "node:net";
import type { Deadline } from "./deadline.ts";
import { HEAD_LIMIT_BYTES } from "./first-bytes.ts";

export interface HttpConnectionsOptions {
  readonly listener: RequestListener;
  /** From the end of an answer to the end of the next request head. */
  readonly idleTimeoutMs: number;
  /** Longest silence in either direction while a request is being answered. */
  readonly silenceTimeoutMs: number;
}

interface ConnectionState {
  readonly deadline: Deadline;
  /** Requests that are not answered yet. */
  pending: number;
}

/** Requests sent ahead on one connection. All of a segment are parsed at once, so a few KiB could ask for minutes of work. */
const MAX_PENDING_REQUESTS = 32;

/**
 * Speaks HTTP/1 on connections that somebody else accepted, clear or TLS. Node watches the heads of connections of
 * servers that listen; here each connection has a deadline of its own that ends whenever a request has arrived.
 */
export class HttpConnections {
  readonly #options: HttpConnectionsOptions;
  readonly #server: Server;
  readonly #states = new WeakMap<Socket, ConnectionState>();

  constructor(options: HttpConnectionsOptions) {
    this.#options = options;
    this.#server = createServer({ maxHeaderSize: HEAD_LIMIT_BYTES }, (request, response) => {
      if (!this.#begin(request)) return;
      response.once("close", () => this.#end(request.socket));
      options.listener(request, response);
    });
    this.#server.timeout = options.silenceTimeoutMs;
    this.#server.keepAliveTimeout = options.idleTimeoutMs;
  }

  /** Takes a connection over; `deadline` runs until its first request is complete. */
  serve(socket: Socket, deadline: Deadline): void {
    this.#states.set(socket, { deadline, pending: 0 });
    this.#server.emit("connection", socket);
  }

  #begin({ socket }: IncomingMessage): boolean {
    const state = this.#states.get(socket);
    if (state === undefined || state.pending === MAX_PENDING_REQUESTS) {
      socket.destroy();
      return false;
    }
    state.pending += 1;
    state.deadline.stop();
    return true;
  }

  #end(socket: Socket): void {
    const state = this.#states.get(socket);
    if (state === undefined) return;
    state.pending -= 1;
    if (state.pending === 0 && !socket.destroyed) state.deadline.start(this.#options.idleTimeoutMs);
  }
}
