import { once } from "node:events";
import {
  createServer as createHttpServer,
  type Server as HttpServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from "node:http";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { hasCode, InstallerError, messageChain } from "../../core/errors.ts";
import type { Logger } from "../../core/logger.ts";
import { Channel } from "../channel.ts";
import { readRequestHead } from "../srpc/request-head.ts";
import type { SrpcServer } from "../srpc/server.ts";

export interface PortOptions {
  /** 0: any free port. */
  readonly port: number;
  /** Default: all addresses. */
  readonly host?: string;
  readonly srpc: SrpcServer;
  /** Plain HTTP requests for paths that SRPC does not claim. Default: 404. */
  readonly http?: RequestListener;
  /** Connections that start with a TLS handshake. Default: closed. */
  readonly tls?: (socket: Socket) => void;
  /** Further connections are dropped at once. Default 512. */
  readonly maxConnections?: number;
  /** From connecting to the end of the request head. Default 5 s. */
  readonly headTimeoutMs?: number;
  readonly log: Logger;
}

/** A listening port. */
export interface ListeningPort extends AsyncDisposable {
  readonly address: string;
  readonly port: number;
  /** Stops listening and drops all connections. */
  close(): Promise<void>;
}

const DEFAULT_MAX_CONNECTIONS = 512;
const DEFAULT_HEAD_TIMEOUT_MS = 5_000;
/** Longest silence of an HTTP connection, and of an RPC client that takes nothing. */
const SILENCE_TIMEOUT_MS = 300_000;
const CONNECT = "CONNECT ";
/** First byte of a TLS handshake record (RFC 8446 section 5.1). */
const TLS_HANDSHAKE = 0x16;

/** One TCP port for SRPC, plain HTTP and TLS, told apart by the first bytes. Rejects with E_PORT_UNAVAILABLE. */
export async function listenOnPort(options: PortOptions): Promise<ListeningPort> {
  const dispatcher = new Dispatcher(options);
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    void dispatcher.dispatch(socket);
  });
  server.maxConnections = options.maxConnections ?? DEFAULT_MAX_CONNECTIONS;
  await listen(server, options);
  const { address, port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    if (!server.listening) return;
    const closed = once(server, "close");
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  return { address, port, close, [Symbol.asyncDispose]: close };
}

async function listen(server: Server, options: PortOptions): Promise<void> {
  server.listen({ port: options.port, ...(options.host === undefined ? {} : { host: options.host }) });
  try {
    await once(server, "listening");
  } catch (error) {
    throw new InstallerError("E_PORT_UNAVAILABLE", `listening on port ${options.port}`, { cause: error });
  }
  server.on("error", (error) =>
    options.log.warn("accepting a connection failed", { reason: messageChain(error) }),
  );
}

/** Finds out what a new connection speaks and hands it on. */
class Dispatcher {
  readonly #options: PortOptions;
  readonly #http: HttpServer;
  /** Of connections whose request head is still awaited. */
  readonly #deadlines = new WeakMap<Socket, NodeJS.Timeout>();

  constructor(options: PortOptions) {
    this.#options = options;
    this.#http = createHttpServer((request, response) => {
      this.#stopDeadline(request.socket);
      answerHttp(options, request, response);
    });
    this.#http.timeout = SILENCE_TIMEOUT_MS;
    // The head of a second request would have no deadline: Node only watches connections of servers that listen.
    this.#http.maxRequestsPerSocket = 1;
  }

  /** Never rejects. */
  async dispatch(socket: Socket): Promise<void> {
    const peer = `${socket.remoteAddress ?? "?"}:${socket.remotePort ?? 0}`;
    const channel = new Channel(socket, { peer, readTimeoutMs: 0, writeTimeoutMs: SILENCE_TIMEOUT_MS });
    this.#startDeadline(socket);
    try {
      const start = await readStart(channel);
      if (start.toString("latin1") === CONNECT) await this.#serveConnect(channel);
      else this.#handOver(await channel.release(), start);
    } catch (error) {
      if (hasCode(error, "E_SRPC_HEAD")) socket.write("HTTP/1.0 400 Bad Request\r\n\r\n");
      channel.end();
      this.#options.log.debug(1, "connection dropped", { peer, reason: messageChain(error) });
    }
  }

  async #serveConnect(channel: Channel): Promise<void> {
    const head = await readRequestHead(channel.reader, CONNECT);
    this.#stopDeadline(channel.socket);
    await this.#options.srpc.serveConnection(channel, head);
  }

  #handOver(socket: Socket, start: Buffer): void {
    socket.unshift(start);
    if (start[0] !== TLS_HANDSHAKE) {
      this.#http.emit("connection", socket);
      return;
    }
    this.#stopDeadline(socket);
    if (this.#options.tls === undefined) socket.destroy();
    else this.#options.tls(socket);
  }

  /** One deadline for the whole head, so that a byte now and then does not keep a connection open. */
  #startDeadline(socket: Socket): void {
    const timer = setTimeout(() => socket.destroy(), this.#options.headTimeoutMs ?? DEFAULT_HEAD_TIMEOUT_MS);
    this.#deadlines.set(socket, timer);
    socket.once("close", () => clearTimeout(timer));
  }

  #stopDeadline(socket: Socket): void {
    clearTimeout(this.#deadlines.get(socket));
  }
}

/** As many bytes as it takes to tell a CONNECT request from anything else. */
async function readStart(channel: Channel): Promise<Buffer> {
  const start = Buffer.alloc(CONNECT.length);
  for (let length = 0; length < start.length; ) {
    start[length] = await channel.reader.readByte();
    if (start[length] !== CONNECT.charCodeAt(length)) return start.subarray(0, length + 1);
    length += 1;
  }
  return start;
}

function answerHttp(options: PortOptions, request: IncomingMessage, response: ServerResponse): void {
  const [path = "/"] = (request.url ?? "/").split("?", 1);
  const answer = options.srpc.answerHttp(path);
  if (answer !== undefined) response.writeHead(answer.statusCode, answer.headers).end(answer.body);
  else if (options.http !== undefined) options.http(request, response);
  else response.writeHead(404, { "Content-Type": "text/plain; charset=utf-8" }).end("404 page not found\n");
}
