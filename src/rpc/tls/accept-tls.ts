import type { Socket } from "node:net";
import { createServer, type TLSSocket } from "node:tls";
import { InstallerError } from "../../core/errors.ts";
import type { JudgingCredentials } from "./credentials.ts";
import { tlsServerOptions } from "./tls-server-options.ts";

/**
 * Performs the server's side of a TLS handshake on a connected socket. Clients must show a certificate that leads to
 * a trust anchor; E_TLS_CERTIFICATE_REFUSED or E_TLS_HANDSHAKE otherwise, and the socket is closed.
 *
 * One `tls.Server` for each connection, because only its events say which handshake failed and why: 0.3 ms.
 */
export async function acceptTls(
  socket: Socket,
  credentials: JudgingCredentials,
  handshakeTimeoutMs: number,
): Promise<TLSSocket> {
  const server = createServer({
    ...tlsServerOptions(credentials),
    requestCert: true,
    rejectUnauthorized: true,
    handshakeTimeout: handshakeTimeoutMs,
  });
  const { promise, resolve, reject } = Promise.withResolvers<TLSSocket>();
  const onClose = (): void => reject(new InstallerError("E_TLS_HANDSHAKE", "waiting for the TLS handshake"));
  server.once("secureConnection", resolve);
  server.once("tlsClientError", (error, secure) => {
    secure.destroy();
    reject(handshakeError(error, secure));
  });
  socket.once("close", onClose);
  server.emit("connection", socket);
  try {
    return await promise;
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    socket.off("close", onClose);
  }
}

/** Node closes a socket whose certificate does not verify; the reason stays behind in `authorizationError`. */
function handshakeError(error: NodeJS.ErrnoException, secure: TLSSocket): InstallerError {
  const verdict: unknown = secure.authorizationError;
  if (typeof verdict === "string")
    return new InstallerError("E_TLS_CERTIFICATE_REFUSED", `verifying the client's certificate: ${verdict}`);
  if (error.code === "ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE")
    return new InstallerError(
      "E_TLS_CERTIFICATE_REFUSED",
      "waiting for the client's certificate: it sent none",
    );
  return new InstallerError("E_TLS_HANDSHAKE", `waiting for the TLS handshake: ${error.code ?? "failed"}`);
}
