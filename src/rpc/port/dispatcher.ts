import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { hasCode, messageChain } from "../../core/errors.ts";
import { anonymousCaller, type Caller, peerOf } from "../caller.ts";
import { Channel } from "../channel.ts";
import { renderAnswer } from "../srpc/http-answer.ts";
import { readRequestHead } from "../srpc/request-head.ts";
import { judgePeer } from "../tls/judge-peer.ts";
import { TlsTerminator } from "../tls/tls-terminator.ts";
import { Callers } from "./callers.ts";
import { Deadline } from "./deadline.ts";
import { HttpConnections } from "./http-connections.ts";
import type { PortLimits, PortOptions } from "./port-options.ts";
import { sniff } from "./sniff.ts";
import type { PortCounters } from "./statistics.ts";

/** How long an RPC client may take nothing before its session begins. */
const WRITE_TIMEOUT_MS = 60_000;

/** A connection on its way to whoever speaks its protocol. */
interface Connection {
  /** As accepted, even when TLS runs over it. */
  readonly socket: Socket;
  readonly peer: string;
  readonly deadline: Deadline;
}

/** Finds out what each new connection speaks and hands it on. */
export class Dispatcher {
  readonly #options: PortOptions & PortLimits;
  readonly #counters: PortCounters;
  readonly #callers: Callers;
  readonly #http: HttpConnections;
  readonly #tls: TlsTerminator;

  constructor(options: PortOptions & PortLimits, counters: PortCounters) {
    this.#options = options;
    this.#counters = counters;
    this.#callers = options.callers ?? new Callers();
    this.#tls = new TlsTerminator(options.grpc === undefined ? ["http/1.1"] : ["h2", "http/1.1"]);
    this.#http = new HttpConnections({
      listener: (request, response) => answerHttp(options, request, response),
      idleTimeoutMs: options.idleTimeoutMs,
      silenceTimeoutMs: options.silenceTimeoutMs,
    });
  }

  /** Never rejects. */
  async dispatch(socket: Socket): Promise<void> {
    // Early, because a closed socket does not know any more.
    const connection = { socket, peer: peerOf(socket), deadline: new Deadline(socket) };
    try {
      await this.#dispatchClear(connection);
    } catch (error) {
      socket.destroy();
      const fields = { peer: connection.peer, reason: messageChain(error) };
      this.#options.log.debug(1, "connection dropped", fields);
    }
  }

  async #dispatchClear(connection: Connection): Promise<void> {
    const { socket, peer, deadline } = connection;
    const caller = anonymousCaller(peer, false);
    deadline.start(this.#options.headTimeoutMs);
    switch (await sniff(socket)) {
      case undefined:
        socket.destroy();
        return;
      case "tls":
        await this.#dispatchSecure(connection);
        return;
      case "connect":
        await this.#serveConnect(connection, socket, caller);
        return;
      case "http2":
        if (this.#options.grpc === undefined) this.#serveHttp(connection, socket, caller);
        else this.#serveGrpc(connection, socket, caller, this.#options.grpc);
        return;
      case "http":
        this.#serveHttp(connection, socket, caller);
    }
  }

  async #dispatchSecure(connection: Connection): Promise<void> {
    const accepted = await this.#acceptTls(connection);
    if (accepted === undefined) return;
    const { secure, caller } = accepted;
    connection.deadline.start(this.#options.headTimeoutMs);
    if (secure.alpnProtocol === "h2" && this.#options.grpc !== undefined) {
      this.#serveGrpc(connection, secure, caller, this.#options.grpc);
      return;
    }
    const opening = await sniff(secure);
    if (opening === undefined) connection.socket.destroy();
    else if (opening === "connect") await this.#serveConnect(connection, secure, caller);
    else this.#serveHttp(connection, secure, caller);
  }

  async #acceptTls({ socket, peer }: Connection): Promise<{ secure: TLSSocket; caller: Caller } | undefined> {
    const credentials = this.#options.tls?.();
    if (credentials === undefined) {
      socket.destroy();
      return undefined;
    }
    this.#counters.countHandshake();
    try {
      const secure = await this.#tls.accept(socket, credentials);
      // Its errors end in its closing, which is what everybody looks at.
      secure.on("error", () => undefined);
      const verdict = judgePeer(secure, credentials.anchors, Date.now());
      if (verdict.refusal !== undefined)
        this.#options.log.info("certificate refused", { peer, reason: verdict.refusal });
      return { secure, caller: { ...verdict, peer, isSecure: true } };
    } catch (error) {
      this.#counters.countFailedHandshake();
      throw error;
    }
  }

  async #serveConnect({ peer, deadline }: Connection, socket: Socket, caller: Caller): Promise<void> {
    const channel = new Channel(socket, { peer, readTimeoutMs: 0, writeTimeoutMs: WRITE_TIMEOUT_MS });
    try {
      const head = await readRequestHead(channel.reader, "");
      deadline.stop();
      this.#counters.countProtocol("srpc");
      await this.#options.srpc.serveConnection(channel, head, caller);
    } catch (error) {
      if (hasCode(error, "E_SRPC_HEAD")) socket.write("HTTP/1.0 400 Bad Request\r\n\r\n");
      channel.end();
      throw error;
    }
  }

  #serveGrpc(
    { socket: accepted, deadline }: Connection,
    socket: Socket,
    caller: Caller,
    serve: (socket: Socket, caller: Caller) => void,
  ): void {
    deadline.stop();
    this.#counters.countProtocol(caller.isSecure ? "grpc" : "grpcClear");
    this.#callers.register(socket, caller);
    this.#expectBytes(accepted);
    serve(socket, caller);
  }

  #serveHttp({ deadline }: Connection, socket: Socket, caller: Caller): void {
    this.#counters.countProtocol(caller.isSecure ? "https" : "http");
    this.#callers.register(socket, caller);
    this.#http.serve(socket, deadline);
  }

  /** Every HTTP/2 client answers our settings; who does not is none. */
  #expectBytes(socket: Socket): void {
    const { bytesRead } = socket;
    const timer = setTimeout(() => {
      if (socket.bytesRead === bytesRead) socket.destroy();
    }, this.#options.headTimeoutMs);
    socket.once("close", () => clearTimeout(timer));
  }
}

function answerHttp(options: PortOptions, request: IncomingMessage, response: ServerResponse): void {
  const [path = "/"] = (request.url ?? "/").split("?", 1);
  const answer = options.srpc.answerHttp(path);
  if (answer === undefined) {
    if (options.http !== undefined) options.http(request, response);
    else response.writeHead(404, { "Content-Type": "text/plain; charset=utf-8" }).end("404 page not found\n");
  } else if (request.httpVersion === "1.0" && request.method !== "HEAD" && response.socket !== null) {
    // Scripts that speak HTTP/1.0 by hand get the same words as from the original; Node only says 1.1.
    response.socket.end(renderAnswer(answer, new Date()));
  } else {
    response.writeHead(answer.statusCode, answer.headers).end(answer.body);
  }
}
