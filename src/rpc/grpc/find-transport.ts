import { once } from "node:events";
import { connect as connectHttp2 } from "node:http2";
import { connect, type Socket } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { hasCode, InstallerError } from "../../core/errors.ts";
import { timeoutError } from "../channel.ts";
import { connectionError } from "../connection-error.ts";
import { targetOf } from "./address-resolver.ts";
import type { ConnectOptions } from "./client.ts";

/** How a server is to be talked to. */
export interface Transport {
  readonly isSecure: boolean;
  /** The address that answered, in the form that the gRPC library takes: later calls go to the same machine, whatever its name means then. */
  readonly target: string;
  /** For messages. */
  readonly peer: string;
}

const DEFAULT_CONNECT_TIMEOUT_MS = 15_000;

/**
 * Finds out whether the server speaks gRPC over TLS or in the clear, by a connection of its own for each: what the gRPC
 * library reports about failed connections is only text.
 */
export async function findTransport(options: ConnectOptions, signal: AbortSignal): Promise<Transport> {
  const timeoutMs = options.connectTimeoutMs ?? DEFAULT_CONNECT_TIMEOUT_MS;
  const deadline = AbortSignal.timeout(timeoutMs);
  const stop = AbortSignal.any([signal, deadline]);
  const attempt = `connecting to ${peerName(options)}`;
  try {
    return (await trySecure(options, stop)) ?? (await tryClear(options, stop));
  } catch (error) {
    signal.throwIfAborted();
    throw deadline.aborted ? timeoutError(attempt, timeoutMs) : connectionError(error, attempt);
  }
}

/** Undefined when the other side does not speak TLS. */
async function trySecure(options: ConnectOptions, stop: AbortSignal): Promise<Transport | undefined> {
  using opened = await openSocket(options, stop);
  const { credentials: own, serverAuthorities } = options;
  const secure = connectTls({
    socket: opened.socket,
    minVersion: "TLSv1.2",
    // With a second choice, a server that does not know the first one says what it speaks instead of hanging up.
    ALPNProtocols: ["h2", "http/1.1"],
    rejectUnauthorized: serverAuthorities !== undefined,
    checkServerIdentity: () => undefined,
    ...(serverAuthorities === undefined ? {} : { ca: serverAuthorities }),
    ...(own === undefined ? {} : { cert: own.certificates, key: Buffer.from(own.key.expose()) }),
  });
  secure.on("error", () => undefined);
  try {
    await once(secure, "secureConnect", { signal: stop });
  } catch (error) {
    stop.throwIfAborted();
    if (!meansNoTls(error, secure, options)) throw error;
    return undefined;
  } finally {
    secure.destroy();
  }
  if (secure.alpnProtocol !== "h2") throw noInstaller(options, "it speaks TLS but not gRPC");
  return { isSecure: true, target: opened.target, peer: peerName(options) };
}

function meansNoTls(error: unknown, secure: TLSSocket, options: ConnectOptions): boolean {
  const verdict: unknown = secure.authorizationError;
  const attempt = `connecting to ${peerName(options)}`;
  if (typeof verdict === "string")
    throw new InstallerError(
      "E_TLS_CERTIFICATE_REFUSED",
      `${attempt}: verifying the server's certificate: ${verdict}`,
    );
  const meaning = connectionError(error, attempt);
  return hasCode(meaning, "E_TLS_HANDSHAKE", "E_CONNECTION_LOST");
}

async function tryClear(options: ConnectOptions, stop: AbortSignal): Promise<Transport> {
  using opened = await openSocket(options, stop);
  const session = connectHttp2("http://installer", { createConnection: () => opened.socket });
  session.on("error", () => undefined);
  try {
    const closed = once(session, "close", { signal: stop }).then(() => undefined);
    const settings = once(session, "remoteSettings", { signal: stop });
    settings.catch(() => undefined);
    if ((await Promise.race([settings, closed])) === undefined) throw connectionLost();
  } catch (error) {
    stop.throwIfAborted();
    if (isHttp2Error(error)) throw noInstaller(options, "it speaks neither TLS nor gRPC");
    throw error;
  } finally {
    session.destroy();
  }
  return { isSecure: false, target: opened.target, peer: peerName(options) };
}

interface Opened extends Disposable {
  readonly socket: Socket;
  readonly target: string;
}

async function openSocket({ host, port }: ConnectOptions, stop: AbortSignal): Promise<Opened> {
  stop.throwIfAborted();
  const socket = connect({ host, port, noDelay: true });
  try {
    await once(socket, "connect", { signal: stop });
  } catch (error) {
    socket.destroy();
    throw error;
  }
  socket.on("error", () => undefined);
  const address = socket.remoteAddress ?? host;
  return { socket, target: targetOf(address, port), [Symbol.dispose]: () => void socket.destroy() };
}

function isHttp2Error(error: unknown): boolean {
  const code: unknown = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" && code.startsWith("ERR_HTTP2_");
}

function connectionLost(): Error {
  return Object.assign(new Error("the connection was closed"), { code: "ECONNRESET" });
}

function noInstaller(options: ConnectOptions, reason: string): InstallerError {
  return new InstallerError("E_SRPC_NO_ENDPOINT", `connecting to ${peerName(options)}: ${reason}`, {
    hint: "check that the address is that of a machine that is being installed (port 6978)",
  });
}

function peerName({ host, port }: Pick<ConnectOptions, "host" | "port">): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
