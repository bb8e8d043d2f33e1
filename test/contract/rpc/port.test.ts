import { once } from "node:events";
import type { Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connectSrpc } from "../../../src/rpc/srpc/client.ts";
import { streamMethod } from "../../../src/rpc/srpc/method.ts";
import { parseCertificates, type ServerCredentials } from "../../../src/rpc/tls/credentials.ts";
import { makeSelfSignedCertificate } from "../../../src/rpc/tls/self-signed.ts";
import {
  ask,
  CONNECTED,
  callShell,
  connectInOneSegment,
  connectThenTls,
  open,
  openClearGrpc,
  openGrpc,
  openTls,
  readAll,
  readBodies,
  readUntil,
  tlsOptions,
  writeSlowly,
} from "./port-clients.ts";
import { codeOf, signal } from "./srpc-server.ts";
import { askByGrpc, makePeople, startTestPort, type TestPeople, type TestPort } from "./test-port.ts";

const DENIED = "access to method denied\n";
let people: TestPeople;
beforeAll(() => {
  people = makePeople();
}, 60_000);

/** The head of an SRPC session and what it answers to a call of the shell. */
async function shellOverClear(socket: Socket, path = "/_goSRPC_/"): Promise<string> {
  socket.write(`CONNECT ${path} HTTP/1.0\n\n`);
  const head = await readUntil(socket, (text) => text.endsWith("\n\n") || text.endsWith("\r\n\r\n"));
  return head === CONNECTED ? callShell(socket) : (head.split("\r\n", 1)[0] ?? "");
}

describe("a port that speaks everything", () => {
  let port: TestPort;
  let target: { readonly port: number };
  beforeAll(async () => {
    port = await startTestPort(() => people.credentials);
    target = { port: port.listening.port };
  });
  afterAll(() => port[Symbol.asyncDispose]());

  it("knows who asks over HTTPS, and as whom a certificate counts that does not", async () => {
    const admin = await openTls(target, people.admin);
    expect(await ask(admin)).toMatchObject({ user: "admin", isSecure: true });
    const foreign = await openTls(target, people.foreign);
    expect(await ask(foreign)).toMatchObject({ user: "", refusal: "UNABLE_TO_VERIFY_LEAF_SIGNATURE" });
    const stranger = await openTls(target);
    const answer = await ask(stranger);
    expect(answer).toMatchObject({ user: "", isSecure: true });
    expect(answer).not.toHaveProperty("refusal");
    for (const socket of [admin, foreign, stranger]) socket.destroy();
  });

  it("does not take a certificate for servers from a client, even from an authority", async () => {
    const { certificates, key } = makeSelfSignedCertificate(new Date());
    const methodRoots = parseCertificates(certificates, "CA.pem");
    const credentials = { ...people.credentials, anchors: { methodRoots, identityRoots: [] } };
    await using other = await startTestPort(() => credentials);
    const identity = { ...people.admin, certificates, key };
    const socket = await openTls({ port: other.listening.port }, identity);
    expect(await ask(socket)).toMatchObject({ user: "", refusal: "INVALID_PURPOSE" });
    socket.destroy();
  });

  it("knows who calls by gRPC, over TLS and in clear", async () => {
    for (const [client, user, isSecure] of [
      [openGrpc(target, people.admin), "admin", true],
      [openGrpc(target, people.expired), "", true],
      [openGrpc(target, undefined), "", true],
      [openClearGrpc(target), "", false],
    ] as const) {
      expect(await askByGrpc(client)).toMatchObject({ user, isSecure });
      client.close();
    }
  });

  it("forgets callers when they are gone", async () => {
    const sockets = await Promise.all([openTls(target, people.admin), openTls(target)]);
    for (const socket of sockets) await ask(socket);
    expect(port.callers.peers).toBeGreaterThanOrEqual(2);
    for (const socket of sockets) socket.destroy();
    await expect.poll(() => port.callers.peers).toBe(0);
    await expect.poll(() => port.listening.statistics().connections).toBe(0);
  });

  it("serves SRPC to a client that sends its first TLS record together with the request head", async () => {
    for (let round = 0; round < 10; round++) {
      const socket = await connectInOneSegment(target, people.admin);
      expect(await callShell(socket)).toBe("\nhello admin\n");
      socket.destroy();
    }
  });

  it("serves SRPC to a client that starts with TLS, without a second handshake", async () => {
    const socket = await openTls(target, people.admin);
    expect(await shellOverClear(socket, "/_go_TLS_SRPC_/")).toBe("\nhello admin\n");
    socket.destroy();
  });

  it.each([
    ["no certificate", () => undefined],
    ["a foreign certificate", () => people.foreign],
    ["an expired certificate", () => people.expired],
  ])("answers 401 to a client that starts with TLS and has %s", async (_, identity) => {
    const socket = await openTls(target, identity());
    expect(await shellOverClear(socket, "/_go_TLS_SRPC_/")).toBe("HTTP/1.0 401 Unauthorized");
    socket.destroy();
  });

  it("answers 405 to a clear session, inside TLS too", async () => {
    const clear = open(target);
    expect(await shellOverClear(clear)).toBe("HTTP/1.0 405 Method Not Allowed");
    const secure = await openTls(target, people.admin);
    expect(await shellOverClear(secure)).toBe("HTTP/1.0 405 Method Not Allowed");
    for (const socket of [clear, secure]) socket.destroy();
  });

  it("gives a clear session inside TLS the rights of a clear one", async () => {
    const shell = streamMethod({ name: "Installer.Shell", run: () => Promise.resolve() });
    const anybody = streamMethod({
      name: "Test.Open",
      isUnauthenticated: true,
      run: () => Promise.resolve(),
    });
    const methods = [shell, anybody];
    await using other = await startTestPort(() => people.credentials, {}, { methods });
    const socket = await openTls({ port: other.listening.port }, people.admin);
    expect(await shellOverClear(socket)).toBe(DENIED);
    socket.write("Test.Open\n");
    expect(await readUntil(socket, (text) => text.endsWith("\n"))).toBe("\n");
    socket.destroy();
  });

  it("answers requests whose lines end with a bare line feed, as people and scripts send them", async () => {
    const list = open(target);
    list.write("GET /_goSRPC_/listMethods HTTP/1.0\n\n");
    expect(await readAll(list)).toMatch(
      /^HTTP\/1\.0 200 OK\r\n(.+\r\n)+\r\n\.LocalUpgradeToUnix\nInstaller\.Shell\n$/,
    );
    const refused = open(target);
    refused.write("GET /_goSRPC_/ HTTP/1.0\n\n");
    expect(await readAll(refused)).toMatch(/^HTTP\/1\.0 400 Bad Request\r\nContent-Type: text\/plain/);
    const page = open(target);
    await writeSlowly(page, "GET /who HTTP/1.1\nHost: x\nConnection: close\n\n");
    expect(await readAll(page)).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*"isSecure":false/);
  });

  it("answers pipelined requests in order, in clear and over TLS", async () => {
    for (const socket of [open(target), await openTls(target, people.admin)]) {
      socket.write("GET /who HTTP/1.1\r\nHost: x\r\n\r\n".repeat(20));
      expect(await readBodies(socket, 20)).toHaveLength(20);
      socket.destroy();
    }
  });

  it("drops a client that sends far more requests ahead than it may", async () => {
    const socket = open(target);
    socket.write("GET /who HTTP/1.1\r\nHost: x\r\n\r\n".repeat(1000));
    const answers = (await readAll(socket)).match(/200 OK/g) ?? [];
    expect(answers.length).toBeLessThanOrEqual(32);
  });

  it("tells a client whose head is too long, and drops it", async () => {
    const socket = open(target);
    socket.write(`GET / HTTP/1.1\r\nA: ${"x".repeat(20_000)}\r\n\r\n`);
    expect(await readAll(socket)).toMatch(/^HTTP\/1\.1 431 /);
    const endless = open(target);
    endless.write(`GET /${"x".repeat(20_000)}`);
    expect(await readAll(endless)).toMatch(/^HTTP\/1\.1 431 /);
    const connect = open(target);
    connect.write(`CONNECT /_goSRPC_/ HTTP/1.0\n${"A: b\n".repeat(5000)}\n`);
    expect(await readAll(connect)).toBe("HTTP/1.0 400 Bad Request\r\n\r\n");
  });

  it.each(["TLSv1.2", "TLSv1.3"] as const)("never resumes a session (%s)", async (maxVersion) => {
    let session: Buffer | undefined;
    const first = await openTls(target, people.admin, { maxVersion, ALPNProtocols: ["http/1.1"] });
    first.on("session", (data: Buffer) => (session = data));
    session = first.getSession();
    expect(await ask(first)).toMatchObject({ user: "admin" });
    first.destroy();
    const options = session === undefined ? {} : { session };
    const again = await openTls(target, people.admin, {
      maxVersion,
      ALPNProtocols: ["http/1.1"],
      ...options,
    });
    expect(again.isSessionReused()).toBe(false);
    expect(await ask(again)).toMatchObject({ user: "admin" });
    again.destroy();
  });

  it("refuses TLS before 1.2, and tells a failed handshake from a good one", async () => {
    const before = port.listening.statistics();
    const socket = connectTls({
      socket: open(target),
      ...tlsOptions(people.admin),
      minVersion: "TLSv1",
      maxVersion: "TLSv1.1",
      ciphers: "DEFAULT@SECLEVEL=0",
    });
    const [error] = await once(socket, "error");
    expect((error as NodeJS.ErrnoException).code).toBe("ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION");
    (await openTls(target)).destroy();
    const { tlsHandshakes, tlsFailures } = port.listening.statistics();
    expect([tlsHandshakes - before.tlsHandshakes, tlsFailures - before.tlsFailures]).toEqual([2, 1]);
  });

  it("counts what connections carry", async () => {
    const before = port.listening.statistics().byProtocol;
    const shell = await openTls(target, people.admin);
    await shellOverClear(shell, "/_go_TLS_SRPC_/");
    const page = open(target);
    await ask(page);
    const secure = await openTls(target);
    await ask(secure);
    const clients = [openGrpc(target, people.admin), openClearGrpc(target)];
    for (const client of clients) await askByGrpc(client);
    const after = port.listening.statistics().byProtocol;
    expect(after).toEqual({
      http: before.http + 1,
      https: before.https + 1,
      srpc: before.srpc + 1,
      grpc: before.grpc + 1,
      grpcClear: before.grpcClear + 1,
    });
    for (const socket of [shell, page, secure]) socket.destroy();
    for (const client of clients) client.close();
  });
});

describe("limits of a port", () => {
  it("drops an HTTP connection whose second request does not come or does not end", async () => {
    await using port = await startTestPort(() => people.credentials, { idleTimeoutMs: 200 });
    const target = { port: port.listening.port };
    for (const socket of [open(target), await openTls(target)]) {
      expect(await ask(socket)).toMatchObject({ user: "" });
      await readAll(socket);
    }
    for (const socket of [open(target), await openTls(target)]) {
      expect(await ask(socket)).toMatchObject({ user: "" });
      socket.write("GET /who HTTP/1.1\r\nHost: x\r\n");
      const trickle = setInterval(() => socket.write("A: b\r\n"), 20);
      await readAll(socket);
      clearInterval(trickle);
    }
    await expect.poll(() => port.callers.peers).toBe(0);
  });

  it("drops whoever says nothing: in clear, instead of a handshake, after one, and after the HTTP/2 of a handshake", async () => {
    await using port = await startTestPort(() => people.credentials, { headTimeoutMs: 500 });
    const target = { port: port.listening.port };
    const halfOpen = open(target);
    halfOpen.write("\x16\x03\x01\x02\x00");
    const sockets = [
      open(target),
      halfOpen,
      await openTls(target),
      await openTls(target, people.admin, { ALPNProtocols: ["h2"] }),
    ];
    await Promise.all(sockets.map((socket) => readAll(socket)));
    await expect.poll(() => port.listening.statistics().connections).toBe(0);
    await expect.poll(() => port.callers.peers).toBe(0);
  });

  it("keeps an idle HTTP/2 connection that once spoke", async () => {
    await using port = await startTestPort(() => people.credentials, { headTimeoutMs: 300 });
    const client = openGrpc({ port: port.listening.port }, people.admin);
    const { peer } = await askByGrpc(client);
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(await askByGrpc(client)).toMatchObject({ user: "admin", peer });
    client.close();
  });

  it("refuses what is too much from one address, and serves the others", async () => {
    await using port = await startTestPort(() => people.credentials, { maxConnectionsPerAddress: 3 });
    const target = { port: port.listening.port, from: "127.0.0.2" };
    const kept = await Promise.all([1, 2, 3].map(async () => ask(open(target))));
    expect(kept).toHaveLength(3);
    expect(await readAll(open(target))).toBe("");
    expect(await ask(open({ ...target, from: "127.0.0.3" }))).toMatchObject({ user: "" });
    expect(port.listening.statistics()).toMatchObject({ connections: 4, accepted: 4, refusedByAddress: 1 });
  });

  it("refuses new connections that come too fast, and more than it may hold", async () => {
    await using port = await startTestPort(() => people.credentials, {
      newConnectionsBurst: 2,
      newConnectionsPerSecond: 0.001,
      maxConnections: 3,
    });
    const from = (address: string) => open({ port: port.listening.port, from: address });
    const kept = [from("127.0.0.2"), from("127.0.0.2")];
    for (const socket of kept) await ask(socket);
    expect(await readAll(from("127.0.0.2"))).toBe("");
    await ask(from("127.0.0.3"));
    expect(await readAll(from("127.0.0.4"))).toBe("");
    expect(port.listening.statistics()).toMatchObject({ refusedByRate: 1, refusedTotal: 1, accepted: 3 });
  });
});

describe("a port without credentials that tell clients apart", () => {
  it.each<[string, () => ServerCredentials | undefined]>([
    ["no certificate", () => undefined],
    ["a made-up certificate and no authority", () => makeSelfSignedCertificate(new Date())],
  ])("opens no shell to anybody, whatever the protocol: %s", async (_, make) => {
    const credentials = make();
    await using port = await startTestPort(() => credentials);
    const target = { port: port.listening.port };
    const clear = open(target);
    expect(await shellOverClear(clear)).toBe(DENIED);
    clear.write(".LocalUpgradeToUnix\n");
    expect(await readUntil(clear, (text) => text.endsWith("\n"))).toBe(
      ": unknown method: LocalUpgradeToUnix\n",
    );
    clear.destroy();
    const tls = { port: target.port, host: "127.0.0.1", tls: people.admin };
    expect(
      await codeOf(
        connectSrpc(tls, signal).then((connection) => connection.openCall("Installer.Shell", signal)),
      ),
    ).toBe(credentials === undefined ? "E_SRPC_ACCESS_DENIED" : "E_TLS_CERTIFICATE_REFUSED");
    if (credentials === undefined) return;
    const secure = await openTls(target, people.admin);
    expect(await ask(secure)).toMatchObject({ user: "", isSecure: true });
    secure.destroy();
    const client = openGrpc(target, people.admin);
    expect(await askByGrpc(client)).toMatchObject({ user: "", isSecure: true });
    client.close();
    const first = await openTls(target, people.admin);
    expect(await shellOverClear(first, "/_go_TLS_SRPC_/")).toBe("HTTP/1.0 401 Unauthorized");
    first.destroy();
    const inside = await openTls(target, people.admin);
    expect(await shellOverClear(inside)).toBe(DENIED);
    inside.destroy();
  });

  it("answers 404 on the TLS path when there is no certificate", async () => {
    await using port = await startTestPort(() => undefined);
    const socket = open({ port: port.listening.port });
    expect(await shellOverClear(socket, "/_go_TLS_SRPC_/")).toBe("HTTP/1.0 404 Not Found");
  });

  it("gives everybody a shell when it was told to be insecure", async () => {
    await using port = await startTestPort(() => undefined, {}, { isInsecure: true });
    const socket = open({ port: port.listening.port });
    expect(await shellOverClear(socket)).toBe("\nhello \n");
    socket.destroy();
  });

  it("drops strangers who may not call anything after a while", async () => {
    await using port = await startTestPort(() => undefined, {}, { idleTimeoutMs: 100 });
    const socket = open({ port: port.listening.port });
    socket.write("CONNECT /_goSRPC_/ HTTP/1.0\n\n");
    expect(await readAll(socket)).toBe(CONNECTED);
  });
});

describe("credentials that change while the port is open", () => {
  it("hold for new connections, and leave running ones alone", async () => {
    let credentials: ServerCredentials | undefined = people.credentials;
    await using port = await startTestPort(() => credentials);
    const target = { port: port.listening.port };
    const session = await connectInOneSegment(target, people.admin);
    expect(await callShell(session)).toBe("\nhello admin\n");
    const page = await openTls(target, people.admin);
    await ask(page);
    credentials = { ...people.renewed, anchors: { methodRoots: [], identityRoots: [] } };
    const refused = await openTls(target, people.admin);
    expect(refused.getPeerCertificate().subject.CN).toBe("renewed server");
    expect(await shellOverClear(refused, "/_go_TLS_SRPC_/")).toBe("HTTP/1.0 401 Unauthorized");
    await expect(connectThenTls(target, people.admin).then(callShell)).rejects.toThrow();
    credentials = undefined;
    await expect(openTls(target, people.admin)).rejects.toThrow();
    session.write("still here\n");
    expect(await readUntil(session, (text) => text.endsWith("\n"))).toBe("still here\n");
    expect(await ask(page)).toMatchObject({ user: "admin" });
    for (const socket of [session, page, refused]) socket.destroy();
  });
});
