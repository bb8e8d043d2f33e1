import type { Socket } from "node:net";
import { createServer, type Server, type TLSSocket } from "node:tls";
import { InstallerError } from "../../core/errors.ts";
import type { ServerCredentials } from "./credentials.ts";
import { tlsServerOptions } from "./tls-server-options.ts";

type Waiting = PromiseWithResolvers<TLSSocket>;

/**
 * Performs the server's side of TLS handshakes with clients that may show a certificate and need not, and whose
 * certificate, if any, the caller judges. One `tls.Server` serves all connections for as long as the credentials stay
 * the same; it never listens.
 */
export class TlsTerminator {
  readonly #alpnProtocols: readonly string[];
  readonly #waiting = new Map<string, Waiting>();
  #current: { readonly credentials: ServerCredentials; readonly server: Server } | undefined;

  /** `alpnProtocols`: the preferred first. */
  constructor(alpnProtocols: readonly string[]) {
    this.#alpnProtocols = alpnProtocols;
  }

  /**
   * Resolves when the handshake is over, rejects with E_TLS_HANDSHAKE. It has no time limit of its own: destroy `socket`
   * to end it.
   */
  async accept(socket: Socket, credentials: ServerCredentials): Promise<TLSSocket> {
    if (socket.destroyed) throw handshakeError("the connection was closed");
    const key = connectionKey(socket);
    const waiting = Promise.withResolvers<TLSSocket>();
    const onClose = (): void => waiting.reject(handshakeError("the connection was closed"));
    this.#waiting.set(key, waiting);
    socket.once("close", onClose);
    try {
      this.#serverFor(credentials).emit("connection", socket);
      return await waiting.promise;
    } finally {
      socket.off("close", onClose);
      this.#waiting.delete(key);
    }
  }

  /** Connections of an earlier server of ours stay with it. */
  #serverFor(credentials: ServerCredentials): Server {
    if (this.#current?.credentials !== credentials)
      this.#current = { credentials, server: this.#createServer(credentials) };
    return this.#current.server;
  }

  #createServer(credentials: ServerCredentials): Server {
    const server = createServer({
      ...tlsServerOptions(credentials),
      ALPNProtocols: [...this.#alpnProtocols],
      // Browsers ask their user for a certificate when they are asked for one, so only when it can be of use.
      requestCert: credentials.anchors !== undefined,
      rejectUnauthorized: false,
    });
    server.on("secureConnection", (secure) => {
      const waiting = this.#waiting.get(connectionKey(secure));
      // Nobody waits any more for a connection that closed meanwhile.
      if (waiting === undefined) secure.destroy();
      else waiting.resolve(secure);
    });
    server.on("tlsClientError", (error: NodeJS.ErrnoException, secure) => {
      this.#waiting.get(connectionKey(secure))?.reject(handshakeError(error.code ?? "failed"));
      secure.destroy();
    });
    return server;
  }
}

/** What tells an open TCP connection of a listening port from all others. */
function connectionKey(socket: Socket): string {
  return `${socket.remoteAddress ?? ""} ${socket.remotePort ?? ""} ${socket.localAddress ?? ""}`;
}

function handshakeError(reason: string): InstallerError {
  return new InstallerError("E_TLS_HANDSHAKE", `waiting for the TLS handshake: ${reason}`);
}
