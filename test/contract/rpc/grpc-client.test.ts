import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { createServer as createHttp2Server } from "node:http2";
import { createServer as createHttpsServer } from "node:https";
import { type AddressInfo, createServer, type Server } from "node:net";
import { expect, test } from "vitest";
import { silentLogger } from "../../../src/core/logger.ts";
import { type ConnectOptions, connectInstaller } from "../../../src/rpc/grpc/client.ts";
import { listenOnPort } from "../../../src/rpc/port/listen.ts";
import { SrpcServer } from "../../../src/rpc/srpc/server.ts";
import { makeTestAuthority } from "../../support/certificates.ts";
import { eventually, startInstallerPort } from "./installer-port.ts";
import { codeOf, makeParties, signal } from "./srpc-server.ts";

const parties = makeParties();
const { credentials } = parties;
const ownPair = { cert: credentials.certificates, key: Buffer.from(credentials.key.expose()) };

interface Listening extends AsyncDisposable {
  readonly port: number;
}

async function listening(server: Server): Promise<Listening> {
  const sockets = new Set<{ destroy(): void }>();
  server.on("connection", (socket: { destroy(): void }) => sockets.add(socket));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const dispose = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, "close");
  };
  return { port: (server.address() as AddressInfo).port, [Symbol.asyncDispose]: dispose };
}

function connectTo(port: number, options: Partial<ConnectOptions> = {}): Promise<string> {
  return codeOf(connectInstaller({ host: "127.0.0.1", port, ...options }, signal));
}

test("nobody listens", async () => {
  const server = await listening(createServer());
  await server[Symbol.asyncDispose]();
  expect(await connectTo(server.port)).toBe("E_CONNECTION_REFUSED");
});

test("the server says nothing", async () => {
  await using server = await listening(createServer(() => undefined));
  expect(await connectTo(server.port, { connectTimeoutMs: 200 })).toBe("E_CONNECTION_TIMEOUT");
});

test("the server hangs up at once", async () => {
  await using server = await listening(createServer((socket) => socket.destroy()));
  expect(await connectTo(server.port)).toBe("E_CONNECTION_LOST");
});

test("the server speaks only HTTP/1", async () => {
  await using server = await listening(createHttpServer((_request, response) => response.end("hello")));
  expect(await connectTo(server.port)).toBe("E_SRPC_NO_ENDPOINT");
});

test("the server speaks only HTTPS", async () => {
  await using server = await listening(
    createHttpsServer(ownPair, (_request, response) => response.end("hello")),
  );
  expect(await connectTo(server.port)).toBe("E_SRPC_NO_ENDPOINT");
});

test("the server is a port that offers everything but gRPC", async () => {
  const port = { port: 0, host: "127.0.0.1", log: silentLogger };
  const srpc = new SrpcServer({
    methods: [],
    hostname: "host.example",
    isInsecure: false,
    log: silentLogger,
  });
  await using clear = await listenOnPort({ ...port, srpc });
  expect(await connectTo(clear.port)).toBe("E_SRPC_NO_ENDPOINT");
  await using secure = await listenOnPort({ ...port, srpc, tls: () => credentials });
  expect(await connectTo(secure.port)).toBe("E_SRPC_NO_ENDPOINT");
});

test("the server accepts calls and never answers", async () => {
  await using server = await listening(createHttp2Server());
  using client = await connectInstaller({ host: "127.0.0.1", port: server.port, callTimeoutMs: 200 }, signal);
  expect(await codeOf(client.getStatus(signal))).toBe("E_CONNECTION_TIMEOUT");
});

test("the server is gone between connecting and calling", async () => {
  const port = await startInstallerPort({ credentials });
  using client = await port.connect();
  await port[Symbol.asyncDispose]();
  expect(await codeOf(client.getStatus(signal))).toBe("E_CONNECTION_LOST");
});

test("whoever gives up while connecting gets its own reason", async () => {
  await using server = await listening(createServer(() => undefined));
  const giveUp = new AbortController();
  const connecting = connectInstaller({ host: "127.0.0.1", port: server.port }, giveUp.signal);
  giveUp.abort(new Error("enough"));
  await expect(connecting).rejects.toThrow("enough");
});

test("whoever gives up during a call gets its own reason", async () => {
  await using server = await listening(createHttp2Server());
  using client = await connectInstaller({ host: "127.0.0.1", port: server.port }, signal);
  const giveUp = new AbortController();
  const asking = client.getStatus(giveUp.signal);
  giveUp.abort(new Error("enough"));
  await expect(asking).rejects.toThrow("enough");
  const watching = client.watchEvents({}, AbortSignal.abort(new Error("never mind")))[Symbol.asyncIterator]();
  await expect(watching.next()).rejects.toThrow("never mind");
});

test("the server's certificate is verified only when authorities are given", async () => {
  await using port = await startInstallerPort({ credentials });
  expect(await connectTo(port.port)).toBe("no error");
  const { certificate } = makeTestAuthority("Another CA");
  expect(await connectTo(port.port, { serverAuthorities: certificate })).toBe("E_TLS_CERTIFICATE_REFUSED");
  using client = await connectInstaller(
    { host: "127.0.0.1", port: port.port, serverAuthorities: parties.authority.certificate },
    signal,
  );
  expect((await client.getStatus(signal)).hostname).toBe("rack7");
});

test("an installer without any certificate is watched in the clear", async () => {
  await using port = await startInstallerPort();
  using client = await port.connect(parties.issue(["*.*"]));
  expect(client.isSecure).toBe(false);
  expect((await client.getStatus(signal)).version).toBe("1.2.3");
});

test("a certificate that was refused is told apart from none", async () => {
  await using port = await startInstallerPort({ credentials });
  using stranger = await port.connect(makeParties().issue(["*.*"]));
  expect(await codeOf(stranger.control("Cancel", signal))).toBe("E_TLS_CERTIFICATE_REFUSED");
});

test("leaving the loop ends the stream on the other side", async () => {
  await using port = await startInstallerPort({ credentials });
  using client = await port.connect();
  port.say("hello");
  for await (const event of client.watchEvents({}, signal)) {
    expect(event.sequence).toBe(1);
    break;
  }
  await eventually(() => port.server.statistics().runningHandlers === 0);
});

test.each([
  ["::", "127.0.0.1", /^hold: alice at ::ffff:127\.0\.0\.1:\d+$/],
  ["::", "::1", /^hold: alice at ::1:\d+$/],
  ["::1", "::1", /^hold: alice at ::1:\d+$/],
  ["127.0.0.1", "localhost", /^hold: alice at 127\.0\.0\.1:\d+$/],
])("a server at %s knows who calls it by %s", async (listenAt, host, act) => {
  await using port = await startInstallerPort({ credentials, listenAt });
  using client = await port.connect(parties.issue(["Installer.HoldReboot"]), host);
  await client.control("HoldReboot", signal);
  expect(port.control.acts).toEqual([expect.stringMatching(act)]);
});
