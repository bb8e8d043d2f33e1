import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { InstallerError, messageChain } from "../../core/errors.ts";
import { Channel, timeoutError } from "../channel.ts";
import { connectionError } from "../connection-error.ts";
import type { ClientCredentials } from "../tls/credentials.ts";
import { CLEAR_PATH, CONNECTED_REASON, SECURE_PATH } from "./endpoints.ts";
import { type ResponseHead, readResponseHead } from "./response-head.ts";

export interface DialOptions {
  readonly host: string;
  readonly port: number;
  /** Absent: only the clear endpoint is tried. */
  readonly tls?: ClientCredentials;
  /**
   * PEM authorities that the server's certificate must come from. Absent: any certificate will do, as with the
   * original, which never checks servers (spec/auth.md section 3).
   */
  readonly serverAuthorities?: string;
  /** OpenSSL's names of the cipher suites to offer, the preferred first. Absent: Node's default. */
  readonly ciphers?: string;
  /** Ask the server to ignore the methods in our certificate (spec/srpc.md section 8). */
  readonly withoutPowers?: boolean;
  /** For each endpoint: TCP, CONNECT and TLS together. Default 15 s. */
  readonly connectTimeoutMs?: number;
  /** Silence before TCP asks whether the peer is still there. Default 5 s. */
  readonly keepAliveMs?: number;
  /** Waiting for the next byte during a call. Default 60 s; 0: for ever. */
  readonly inactivityTimeoutMs?: number;
}

/** An open connection, after CONNECT and TLS. */
export interface Dialled {
  readonly channel: Channel;
  readonly isSecure: boolean;
}

const DEFAULT_CONNECT_TIMEOUT_MS = 15_000;
const DEFAULT_KEEP_ALIVE_MS = 5_000;
const DEFAULT_INACTIVITY_TIMEOUT_MS = 60_000;

/**
 * Decrypted bytes that may wait to be read: TLS records hold 16 KiB, which are too few to deal with one by one. (An
 * option that Node's types do not know.)
 */
const READ_AHEAD = { highWaterMark: 256 * 1024 };

/**
 * Opens a connection: each endpoint on a socket of its own, the next one only after a 404 (spec/srpc.md sections 3
 * and 4.3).
 */
export async function dial(options: DialOptions, signal: AbortSignal): Promise<Dialled> {
  const paths = options.tls === undefined ? [CLEAR_PATH] : [SECURE_PATH, CLEAR_PATH];
  for (const path of paths) {
    const dialled = await dialEndpoint(path, options, signal);
    if (dialled !== undefined) return dialled;
  }
  throw new InstallerError("E_SRPC_NO_ENDPOINT", `looking for the RPC service of ${peerName(options)}`);
}

/** Undefined when the server does not have the endpoint. */
async function dialEndpoint(
  path: string,
  options: DialOptions,
  signal: AbortSignal,
): Promise<Dialled | undefined> {
  signal.throwIfAborted();
  const timeoutMs = options.connectTimeoutMs ?? DEFAULT_CONNECT_TIMEOUT_MS;
  const deadline = AbortSignal.timeout(timeoutMs);
  const stop = AbortSignal.any([signal, deadline]);
  const socket = connect({ host: options.host, port: options.port, noDelay: true });
  const onStop = (): void => void socket.destroy();
  stop.addEventListener("abort", onStop);
  let isOpen = false;
  try {
    const dialled = await openEndpoint(socket, path, options, stop);
    isOpen = dialled !== undefined;
    return dialled;
  } catch (error) {
    signal.throwIfAborted();
    const attempt = `connecting to ${peerName(options)}`;
    throw deadline.aborted ? timeoutError(attempt, timeoutMs) : connectionError(error, attempt);
  } finally {
    stop.removeEventListener("abort", onStop);
    if (!isOpen) socket.destroy();
  }
}

async function openEndpoint(
  socket: Socket,
  path: string,
  options: DialOptions,
  stop: AbortSignal,
): Promise<Dialled | undefined> {
  await once(socket, "connect", { signal: stop });
  socket.setKeepAlive(true, options.keepAliveMs ?? DEFAULT_KEEP_ALIVE_MS);
  const channel = new Channel(socket, channelOptions(options));
  const query = options.withoutPowers === true ? "?doNotUseMethodPowers=true" : "";
  await channel.write(`CONNECT ${path}${query} HTTP/1.0\n\n`);
  const head = await readResponseHead(channel.reader);
  if (head.statusCode === 404) return undefined;
  checkAccepted(head, options);
  if (path === CLEAR_PATH) return { channel, isSecure: false };
  if (channel.reader.bufferedBytes > 0)
    throw new InstallerError(
      "E_SRPC_PROTOCOL",
      `reading from ${channel.peer}: data before the TLS handshake`,
    );
  return { channel: await startTls(await channel.release(), options, stop), isSecure: true };
}

function checkAccepted(head: ResponseHead, options: DialOptions): void {
  const attempt = `connecting to ${peerName(options)}`;
  if (head.statusCode === 200 && head.reason === CONNECTED_REASON) return;
  if (head.statusCode === 405)
    throw new InstallerError(
      "E_TLS_CERTIFICATE_MISSING",
      `${attempt}: it only talks to clients with a certificate`,
    );
  if (head.statusCode === 401) throw certificateRefused(options);
  throw new InstallerError(
    "E_SRPC_PROTOCOL",
    `${attempt}: unexpected HTTP response: ${head.statusCode} ${JSON.stringify(head.reason.slice(0, 100))}`,
  );
}

async function startTls(socket: Socket, options: DialOptions, stop: AbortSignal): Promise<Channel> {
  const { tls, serverAuthorities } = options;
  const secure = connectTls({
    socket,
    minVersion: "TLSv1.2",
    ...READ_AHEAD,
    ...(options.ciphers === undefined ? {} : { ciphers: options.ciphers }),
    rejectUnauthorized: serverAuthorities !== undefined,
    // Servers have no host names in their certificates: the authority is all that can be checked.
    checkServerIdentity: () => undefined,
    ...(serverAuthorities === undefined ? {} : { ca: serverAuthorities }),
    ...(tls === undefined ? {} : { cert: tls.certificates, key: Buffer.from(tls.key.expose()) }),
  });
  const channel = new Channel(secure, channelOptions(options));
  try {
    await once(secure, "secureConnect", { signal: stop });
  } catch (error) {
    const verdict: unknown = secure.authorizationError;
    if (serverAuthorities === undefined || typeof verdict !== "string") throw error;
    const attempt = `connecting to ${channel.peer}: verifying the server's certificate: ${verdict}`;
    throw new InstallerError("E_TLS_CERTIFICATE_REFUSED", attempt, { cause: error });
  }
  return channel;
}

/** The error for a server that does not want our certificate. */
export function certificateRefused(
  options: Pick<DialOptions, "host" | "port" | "tls">,
  cause?: unknown,
): InstallerError {
  const file = options.tls?.certificateFile ?? "(none)";
  return new InstallerError(
    "E_TLS_CERTIFICATE_REFUSED",
    `connecting to ${peerName(options)}: the server refused our certificate ${file}`,
    // Only the words of the cause: its advice (look at the network) would be wrong here.
    cause === undefined ? {} : { cause: new Error(messageChain(cause)) },
  );
}

function channelOptions(options: DialOptions): ConstructorParameters<typeof Channel>[1] {
  const timeoutMs = options.inactivityTimeoutMs ?? DEFAULT_INACTIVITY_TIMEOUT_MS;
  return { peer: peerName(options), readTimeoutMs: timeoutMs, writeTimeoutMs: timeoutMs };
}

function peerName(options: Pick<DialOptions, "host" | "port">): string {
  return options.host.includes(":") ? `[${options.host}]:${options.port}` : `${options.host}:${options.port}`;
}
