import { type ClientHttp2Session, connect as connectHttp2, constants } from "node:http2";
import { Metadata, status } from "@grpc/grpc-js";
import { describe, expect, test } from "vitest";
import { openConnection } from "../../../src/rpc/grpc/client-calls.ts";
import { INSTALLER_METHODS } from "../../../src/rpc/grpc/methods.ts";
import { createRecordingLogger } from "../../support/recording-logger.ts";
import { eventually, type InstallerPort, startInstallerPort } from "./installer-port.ts";
import { codeOf, makeParties, signal } from "./srpc-server.ts";

const parties = makeParties();
const { credentials } = parties;

/** An HTTP/2 connection without any library of gRPC, in the clear. */
async function openRaw(port: InstallerPort): Promise<ClientHttp2Session & Disposable> {
  const session = connectHttp2(`http://127.0.0.1:${port.port}`);
  session.on("error", () => undefined);
  return Object.assign(session, { [Symbol.dispose]: () => session.destroy() });
}

/** Begins a call and sends nothing of its request; resolves with the status that the server ends it with. */
async function beginCall(session: ClientHttp2Session, name: string, headers: object = {}): Promise<string> {
  const stream = session.request({
    [constants.HTTP2_HEADER_METHOD]: "POST",
    [constants.HTTP2_HEADER_PATH]: `/installer.v1.Installer/${name}`,
    "content-type": "application/grpc",
    te: "trailers",
    ...headers,
  });
  stream.on("error", () => undefined);
  const { promise, resolve } = Promise.withResolvers<string>();
  stream.on("response", (answer) => resolve(String(answer["grpc-status"])));
  stream.resume();
  return promise;
}

describe("a call that begins and never goes on", () => {
  test.each(Object.keys(INSTALLER_METHODS))(
    "of %s ends with its deadline, kept by the server itself",
    async (name) => {
      await using port = await startInstallerPort({ policy: { isInsecure: true } });
      using session = await openRaw(port);
      const code = beginCall(session, name, { "grpc-timeout": "200m" });
      await eventually(() => port.server.statistics().openCalls === 1);
      expect(await code).toBe(String(status.DEADLINE_EXCEEDED));
      await eventually(() => port.server.statistics().openCalls === 0);
      expect(port.server.statistics().runningHandlers).toBe(0);
    },
  );

  test.each(Object.keys(INSTALLER_METHODS))("of %s ends without a deadline as well", async (name) => {
    await using port = await startInstallerPort({ policy: { isInsecure: true }, requestTimeoutMs: 200 });
    using session = await openRaw(port);
    expect(await beginCall(session, name)).toBe(String(status.DEADLINE_EXCEEDED));
    await eventually(() => port.server.statistics().openCalls === 0);
    expect(port.server.statistics().runningHandlers).toBe(0);
  });

  test.each(Object.keys(INSTALLER_METHODS))("of %s is forgotten when its connection breaks", async (name) => {
    await using port = await startInstallerPort({ policy: { isInsecure: true } });
    const session = await openRaw(port);
    void beginCall(session, name);
    await eventually(() => port.server.statistics().openCalls === 1);
    session.destroy();
    await eventually(() => port.server.statistics().openCalls === 0);
    expect(port.server.statistics()).toEqual({ connections: 0, openCalls: 0, runningHandlers: 0 });
  });
});

describe("limits", () => {
  test("a crowd of strangers does not keep operators out", async () => {
    await using port = await startInstallerPort({
      credentials,
      limits: { calls: 12, reservedForUsers: 4, callsPerAddress: 100 },
    });
    using crowd = await port.connect();
    port.say("something to see");
    const watchers = Array.from({ length: 8 }, () => crowd.watchEvents({}, signal)[Symbol.asyncIterator]());
    await Promise.all(watchers.map((watcher) => watcher.next()));
    expect(await codeOf(crowd.getStatus(signal))).toBe("E_SRPC_CALL_FAILED");
    using operator = await port.connect(parties.issue());
    expect((await operator.getStatus(signal)).hostname).toBe("rack7");
    for (const watcher of watchers) await watcher.return?.();
    await eventually(() => port.server.statistics().openCalls === 0);
    expect((await crowd.getStatus(signal)).hostname).toBe("rack7");
  });

  test("one address has only its share", async () => {
    await using port = await startInstallerPort({ credentials, limits: { callsPerAddress: 3 } });
    using client = await port.connect(parties.issue());
    port.say("something to see");
    const watchers = Array.from({ length: 3 }, () => client.watchEvents({}, signal)[Symbol.asyncIterator]());
    await Promise.all(watchers.map((watcher) => watcher.next()));
    expect(await codeOf(client.getStatus(signal))).toBe("E_SRPC_CALL_FAILED");
    for (const watcher of watchers) await watcher.return?.();
  });

  async function call(port: InstallerPort, request: Buffer, metadata: Metadata): Promise<number> {
    const { client } = await openConnection({ host: "127.0.0.1", port: port.port }, signal);
    const { promise, resolve } = Promise.withResolvers<number>();
    client.makeUnaryRequest(
      INSTALLER_METHODS.GetStatus.path,
      (bytes: Buffer) => bytes,
      INSTALLER_METHODS.GetStatus.responseDeserialize,
      request,
      metadata,
      (error) => resolve(error?.code ?? status.OK),
    );
    const code = await promise;
    client.close();
    return code;
  }

  /** A field that nobody knows, of that many bytes. */
  function unknownField(size: number): Buffer {
    const length = [(size & 0x7f) | 0x80, ((size >> 7) & 0x7f) | 0x80, size >> 14];
    return Buffer.concat([Buffer.from([0x7a, ...length]), Buffer.alloc(size)]);
  }

  test("requests larger than 64 KiB are refused", async () => {
    await using port = await startInstallerPort({ credentials });
    expect(await call(port, unknownField(60_000), new Metadata())).toBe(status.OK);
    expect(await call(port, unknownField(70_000), new Metadata())).toBe(status.RESOURCE_EXHAUSTED);
  });

  test("metadata larger than 16 KiB is refused", async () => {
    await using port = await startInstallerPort({ credentials });
    const small = new Metadata();
    small.set("note", "x".repeat(8_000));
    expect(await call(port, Buffer.alloc(0), small)).toBe(status.OK);
    const large = new Metadata();
    large.set("note", "x".repeat(17_000));
    expect(await call(port, Buffer.alloc(0), large)).toBe(status.RESOURCE_EXHAUSTED);
  });

  test("bytes that are no message end the call and harm nobody else", async () => {
    const log = createRecordingLogger();
    await using port = await startInstallerPort({ credentials, log });
    expect(await call(port, Buffer.from([0x0a, 0xff, 0xff, 0xff]), new Metadata())).toBe(status.INTERNAL);
    expect(await call(port, Buffer.alloc(0), new Metadata())).toBe(status.OK);
    expect(log.messages.join("\n")).not.toMatch(/error|fail/i);
  });
});

describe("refusals", () => {
  test("of what is more than looking stand in the log with user and peer", async () => {
    const log = createRecordingLogger();
    await using port = await startInstallerPort({ credentials, log });
    using alice = await port.connect(parties.issue());
    using nobody = await port.connect();
    expect(await codeOf(alice.control("Cancel", signal))).toBe("E_SRPC_ACCESS_DENIED");
    expect(await codeOf(nobody.control("Rerun", signal))).toBe("E_TLS_CERTIFICATE_MISSING");
    expect(log.messages.filter((message) => message.includes("refused"))).toEqual([
      expect.stringMatching(/^alice at 127\.0\.0\.1:\d+: refused Installer\.Cancel: /),
      expect.stringMatching(/^somebody at 127\.0\.0\.1:\d+: refused Installer\.Rerun: /),
    ]);
  });

  test("do not come when the policy is insecure, as with the original", async () => {
    await using port = await startInstallerPort({ credentials, policy: { isInsecure: true } });
    using nobody = await port.connect();
    expect(await nobody.control("HoldReboot", signal)).toBe(
      "the machine will not restart until it is released",
    );
    expect(port.control.acts).toEqual([expect.stringMatching(/^hold: somebody at 127\.0\.0\.1:\d+$/)]);
  });

  test("know trusted users", async () => {
    await using port = await startInstallerPort({ credentials, policy: { trustedUsers: ["alice"] } });
    using alice = await port.connect(parties.issue());
    await alice.control("Cancel", signal);
    expect(port.control.acts).toEqual([expect.stringMatching(/^cancel: alice at 127\.0\.0\.1:\d+$/)]);
  });
});
