import { once } from "node:events";
import { connect } from "node:net";
import { connect as connectTls } from "node:tls";
import { connectInstaller } from "../../../src/rpc/grpc/client.ts";
import { connectSrpc } from "../../../src/rpc/srpc/client.ts";
import type { ClientCredentials } from "../../../src/rpc/tls/credentials.ts";
import { Screen } from "../../support/screen.ts";
import type { Watcher } from "./crowds.ts";

export interface WatchedPort {
  readonly port: number;
  readonly credentials: ClientCredentials;
}

/** Somebody who looks; disposing it leaves. */
export interface OpenWatcher extends Disposable {
  /** Ends when the other side has ended it, as far as somebody who does not read can know that. */
  readonly ended: Promise<unknown>;
  /** Of a shell that is read. */
  readonly screen?: Screen;
}

const HOST = "127.0.0.1";
/** More than fits into the buffers between a shell and its client. */
const TYPED = "yes | head -c 100M\r";
const POLL_MS = 1_000;
const PATHS = { page: "/api/page", events: "/api/events", metrics: "/metrics" } as const;

/** Resolves when the watcher has seen something. */
export async function openWatcher(watcher: Watcher, target: WatchedPort): Promise<OpenWatcher> {
  switch (watcher.kind) {
    case "page":
    case "events":
    case "metrics":
      return openHttp(watcher, PATHS[watcher.kind], target);
    case "grpc-events":
    case "grpc-logs":
      return openGrpc(watcher, target);
    case "shell":
      return openShell(watcher, target);
  }
}

async function openHttp(
  { kind, isSecure, isStuck }: Watcher,
  path: string,
  { port, credentials }: WatchedPort,
): Promise<OpenWatcher> {
  const { certificates: cert, key } = credentials;
  const socket = isSecure
    ? connectTls({ host: HOST, port, rejectUnauthorized: false, cert, key: Buffer.from(key.expose()) })
    : connect({ host: HOST, port });
  socket.on("error", () => undefined);
  const ended = new Promise((resolve) => socket.once("close", resolve));
  const ask = (): void => void socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
  ask();
  const [first] = (await once(socket, "data")) as [Buffer];
  if (!first.toString("latin1").startsWith("HTTP/1.1 200 ")) throw new Error(first.toString("latin1"));
  const timer = kind === "metrics" ? setInterval(ask, POLL_MS) : undefined;
  if (isStuck) socket.pause();
  else socket.resume();
  return {
    ended,
    [Symbol.dispose]: () => {
      clearInterval(timer);
      socket.destroy();
    },
  };
}

async function openGrpc(
  { kind, isStuck }: Watcher,
  { port, credentials }: WatchedPort,
): Promise<OpenWatcher> {
  const leaving = new AbortController();
  const { signal } = leaving;
  const client = await connectInstaller({ host: HOST, port, credentials }, signal);
  const messages: AsyncIterable<unknown> =
    kind === "grpc-events"
      ? client.watchEvents({}, signal)
      : client.streamLogs({ follow: true, last: 100 }, signal);
  const iterator = messages[Symbol.asyncIterator]();
  await iterator.next();
  const ended = isStuck ? new Promise(() => undefined) : readToEnd(iterator);
  return {
    ended,
    [Symbol.dispose]: () => {
      leaving.abort();
      client.close();
    },
  };
}

async function readToEnd(iterator: AsyncIterator<unknown>): Promise<void> {
  try {
    while ((await iterator.next()).done !== true);
  } catch {
    // However it ends.
  }
}

async function openShell({ isStuck }: Watcher, { port, credentials }: WatchedPort): Promise<OpenWatcher> {
  const { signal } = new AbortController();
  const connection = await connectSrpc({ host: HOST, port, tls: credentials }, signal);
  const call = await connection.openCall("Installer.Shell", signal);
  const close = { [Symbol.dispose]: () => connection.close() };
  if (isStuck) {
    // The beginning of the log so far, and nothing after it.
    await call.readSome(100);
    await call.write(TYPED);
    return { ended: new Promise(() => undefined), ...close };
  }
  const screen = new Screen(outputOf(() => call.readSome(65_536)));
  await screen.until(/Starting shell on: [^\r]*\r\n/);
  return { ended: screen.ended, screen, ...close };
}

/** Until the connection ends. */
async function* outputOf(read: () => Promise<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  for (;;) {
    const chunk = await read().catch(() => undefined);
    if (chunk === undefined) return;
    yield chunk;
  }
}
