import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from "node:tls";
import { Client, credentials } from "@grpc/grpc-js";
import type { ClientCredentials } from "../../../src/rpc/tls/credentials.ts";
import type { WhoAnswer } from "./test-port.ts";

/** Where a test port listens, and from which loopback address to come. */
export interface Target {
  readonly port: number;
  readonly from?: string;
}

export const CONNECTED = "HTTP/1.0 200 Connected to Go SRPC\n\n";

export function open({ port, from = "127.0.0.1" }: Target): Socket {
  const socket = connect({ port, host: "127.0.0.1", localAddress: from, noDelay: true });
  return socket.on("error", () => undefined);
}

/** A finished TLS handshake; `identity` absent: without a certificate. */
export async function openTls(
  target: Target,
  identity?: ClientCredentials,
  options: ConnectionOptions = {},
): Promise<TLSSocket> {
  const secure = connectTls({ socket: open(target), ...tlsOptions(identity), ...options });
  secure.on("error", () => undefined);
  await once(secure, "secureConnect");
  return secure;
}

export function tlsOptions(identity: ClientCredentials | undefined): ConnectionOptions {
  const own =
    identity === undefined ? {} : { cert: identity.certificates, key: Buffer.from(identity.key.expose()) };
  return { rejectUnauthorized: false, ...own };
}

/** Everything that comes until the other side closes; a reset counts as the end. */
export async function readAll(socket: Socket): Promise<string> {
  let text = "";
  socket.on("data", (data) => (text += data.toString("latin1"))).resume();
  if (!socket.closed) await new Promise((resolve) => socket.once("close", resolve));
  return text;
}

/** Reads until `isComplete`; rejects when the connection closes before or after ten seconds. */
export async function readUntil(socket: Socket, isComplete: (text: string) => boolean): Promise<string> {
  let text = "";
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const fail = (): void => reject(new Error(`waiting in vain after ${JSON.stringify(text)}`));
  if (socket.destroyed) fail();
  const timer = setTimeout(fail, 10_000);
  const onData = (data: Buffer): void => {
    text += data.toString("latin1");
    if (isComplete(text)) resolve(text);
  };
  socket.on("data", onData).once("error", reject).once("close", fail).resume();
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    socket.off("data", onData).off("error", reject).off("close", fail).pause();
  }
}

/** The bodies of `count` answers with status 200 in one stream of them. */
export async function readBodies(socket: Socket, count: number): Promise<readonly WhoAnswer[]> {
  const text = await readUntil(socket, (sofar) => (sofar.match(/\{[^{}]*\}/g) ?? []).length === count);
  if ((text.match(/HTTP\/1\.1 200 OK\r\n/g) ?? []).length !== count) throw new Error(text);
  return (text.match(/\{[^{}]*\}/g) ?? []).map((body) => JSON.parse(body) as WhoAnswer);
}

/** One request on an open connection that stays open. */
export async function ask(socket: Socket): Promise<WhoAnswer | undefined> {
  socket.write("GET /who HTTP/1.1\r\nHost: x\r\n\r\n");
  return (await readBodies(socket, 1))[0];
}

export async function writeSlowly(socket: Socket, text: string, pauseMs = 1): Promise<void> {
  for (const character of text) {
    socket.write(character);
    await sleep(pauseMs);
  }
}

/** SRPC as clients usually begin it: TLS after the answer to the CONNECT request. */
export async function connectThenTls(target: Target, identity?: ClientCredentials): Promise<TLSSocket> {
  const socket = open(target);
  socket.write("CONNECT /_go_TLS_SRPC_/ HTTP/1.0\n\n");
  const head = await readUntil(socket, (text) => text.endsWith("\n\n"));
  if (head !== CONNECTED) throw new Error(head);
  const secure = connectTls({ socket, ...tlsOptions(identity) });
  secure.on("error", () => undefined);
  await once(secure, "secureConnect");
  return secure;
}

/**
 * SRPC whose CONNECT head and first TLS record go out in one segment. Resolves with the secure side.
 */
export async function connectInOneSegment(target: Target, identity: ClientCredentials): Promise<TLSSocket> {
  const plain = open(target);
  let head: Buffer | undefined = Buffer.from("CONNECT /_go_TLS_SRPC_/ HTTP/1.0\n\n");
  let seen = "";
  const glued = new Duplex({
    read: () => undefined,
    write: (chunk: Buffer, _encoding, done) => {
      plain.write(head === undefined ? chunk : Buffer.concat([head, chunk]), done);
      head = undefined;
    },
    final: (done) => plain.end(done),
    destroy: (error, done) => {
      plain.destroy();
      done(error);
    },
  });
  plain.on("data", (data: Buffer) => {
    if (seen.length >= CONNECTED.length) {
      glued.push(data);
      return;
    }
    const missing = CONNECTED.length - seen.length;
    seen += data.toString("latin1", 0, missing);
    if (data.length > missing) glued.push(data.subarray(missing));
    if (seen.length === CONNECTED.length && seen !== CONNECTED) glued.destroy(new Error(seen));
  });
  plain.once("close", () => glued.push(null));
  const secure = connectTls({ socket: glued, ...tlsOptions(identity) });
  secure.on("error", () => undefined);
  await once(secure, "secureConnect");
  return secure;
}

/** The first words of the echoing shell behind an SRPC session, or the refusal. */
export async function callShell(socket: Socket): Promise<string> {
  socket.write("Installer.Shell\n");
  return readUntil(socket, (text) => /^\n.*\n$|^[^\n]+\n$/.test(text));
}

export function openGrpc({ port }: Target, identity: ClientCredentials | undefined): Client {
  const key = identity === undefined ? null : Buffer.from(identity.key.expose());
  const certificates = identity === undefined ? null : Buffer.from(identity.certificates);
  const secure = credentials.createSsl(null, key, certificates, { rejectUnauthorized: false });
  // Node takes no IP address for a server name, which is what gRPC makes of it otherwise.
  return new Client(`127.0.0.1:${port}`, secure, {
    "grpc.ssl_target_name_override": "server",
    "grpc.use_local_subchannel_pool": 1,
  });
}

export function openClearGrpc({ port }: Target): Client {
  return new Client(`127.0.0.1:${port}`, credentials.createInsecure(), {
    "grpc.use_local_subchannel_pool": 1,
  });
}
