import { constants, createHash, createPublicKey, verify, X509Certificate } from "node:crypto";
import { once } from "node:events";
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
} from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import type { TLSSocket } from "node:tls";
import { describe, expect, onTestFinished, test } from "vitest";
import { EventHistory } from "../../../src/engine/event-history.ts";
import type { Notice } from "../../../src/engine/facts.ts";
import type { Pump } from "../../../src/rpc/push/pump.ts";
import { startEventPush } from "../../../src/rpc/push/push-events.ts";
import { type ClientCredentials, parseClientCredentials } from "../../../src/rpc/tls/credentials.ts";
import { NodeClock } from "../../../src/system/node/node-clock.ts";
import { makeTestAuthority, makeTestCertificate } from "../../support/certificates.ts";
import { createRecordingLogger } from "../../support/recording-logger.ts";

const AUTHORITY = makeTestAuthority("Test CA");
const SERVER = makeTestCertificate({ commonName: "events", hostName: "localhost" }, AUTHORITY);
const CLIENT = makeTestCertificate({ commonName: "node" }, AUTHORITY);
const CREDENTIALS = parseClientCredentials(CLIENT.certificate, CLIENT.key, {
  certificateFile: "cert.pem",
  keyFile: "key.pem",
});

/** The real one; nobody sets it. */
const CLOCK = new NodeClock(() => {
  throw new Error("not in this test");
});

interface Received {
  readonly request: IncomingMessage;
  readonly body: Buffer;
  readonly events: readonly { readonly sequence?: number; readonly kind: string; readonly lost?: number }[];
}

/** A receiver that answers as `answer` says, with the number of the request. */
async function startReceiver(
  options: {
    readonly port?: number;
    readonly isSecure?: boolean;
    readonly answer?: (count: number) => number;
  } = {},
): Promise<{ readonly server: Server; readonly port: number; readonly received: readonly Received[] }> {
  const received: Received[] = [];
  let count = 0;
  const listener: RequestListener = (request, response) => {
    void buffer(request).then((body) => {
      const status = options.answer?.(count++) ?? 204;
      if (status < 300) received.push({ request, body, events: JSON.parse(body.toString()).events });
      response.writeHead(status).end(status < 300 ? undefined : "no thanks\n");
    });
  };
  const server =
    options.isSecure === true
      ? createHttpsServer(
          { cert: SERVER.certificate, key: SERVER.key, ca: AUTHORITY.certificate, requestCert: true },
          listener,
        )
      : createHttpServer(listener);
  server.listen(options.port ?? 0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { server, port: (server.address() as AddressInfo).port, received };
}

function startPush(url: string, credentials?: ClientCredentials, capacity?: number) {
  const history = new EventHistory(capacity);
  const notices: Notice[] = [];
  const log = createRecordingLogger();
  const pump: Pump = startEventPush({
    url: new URL(url),
    history,
    origin: () => ({ hostname: "node", serial: "S1", version: "1", startedUnixMs: 0 }),
    credentials,
    authorities: [AUTHORITY.certificate],
    clock: CLOCK,
    log,
    notify: (notice) => notices.push(notice),
  });
  onTestFinished(async () => pump[Symbol.asyncDispose]());
  const record = (message: string): void => history.record({ kind: "log", at: 1, level: "info", message });
  return { history, notices, log, pump, record };
}

function sequences(received: readonly Received[]): readonly (number | undefined)[] {
  return received.flatMap(({ events }) => events.map(({ sequence }) => sequence));
}

describe("events posted to a web server", () => {
  test("arrive in order, once each, and a notice says that they are unsigned", async () => {
    const { port, received } = await startReceiver();
    const { pump, record, notices } = startPush(`http://127.0.0.1:${port}/in?x=1`);
    for (let index = 0; index < 250; index++) record(String(index));
    expect(await pump.drain(5_000)).toBe(true);
    expect(sequences(received)).toEqual(Array.from({ length: 250 }, (_, index) => index + 1));
    expect(received[0]?.request.url).toBe("/in?x=1");
    expect(received[0]?.request.headers["content-type"]).toBe("application/json");
    expect(received[0]?.request.headers["signature"]).toBeUndefined();
    expect(JSON.parse(received[0]?.body.toString() ?? "")).toMatchObject({ hostname: "node", serial: "S1" });
    expect(notices.map(({ id }) => id)).toEqual(["events-unsigned"]);
  });

  test("leave by themselves within about a second", async () => {
    const { port, received } = await startReceiver();
    const { record } = startPush(`http://127.0.0.1:${port}/`);
    record("a");
    await expect.poll(() => sequences(received), { timeout: 5_000 }).toEqual([1]);
  });

  test("over TLS with a client certificate, signed with its key", async () => {
    const { port, received } = await startReceiver({ isSecure: true });
    const { pump, record, notices } = startPush(`https://u:p@localhost:${port}/in#part`, CREDENTIALS);
    record("a");
    expect(await pump.drain(5_000)).toBe(true);
    expect(notices).toEqual([]);
    const [{ request, body } = { request: undefined, body: Buffer.alloc(0) }] = received;
    const socket = request?.socket as TLSSocket;
    expect(socket.authorized).toBe(true);
    expect(socket.getPeerCertificate().subject.CN).toBe("node");
    expect(request?.headers.authorization).toBe(`Basic ${Buffer.from("u:p").toString("base64")}`);
    const parameters = String(request?.headers["signature-input"]).replace(/^installer=/, "");
    const digest = `sha-512=:${createHash("sha512").update(body).digest("base64")}:`;
    const base = `"@method": POST\n"@target-uri": https://localhost:${port}/in\n"content-digest": ${digest}\n"@signature-params": ${parameters}`;
    const key = createPublicKey(CLIENT.certificate);
    const signature = Buffer.from(/:(.*):/.exec(String(request?.headers["signature"]))?.[1] ?? "", "base64");
    const padding = constants.RSA_PKCS1_PSS_PADDING;
    expect(verify("sha512", Buffer.from(base), { key, padding, saltLength: 64 }, signature)).toBe(true);
    const fingerprint = new X509Certificate(CLIENT.certificate).fingerprint256
      .replaceAll(":", "")
      .toLowerCase();
    expect(parameters).toContain(`keyid="${fingerprint}"`);
  });

  test("do not go to an https server that nobody vouches for", async () => {
    const { port, received } = await startReceiver({ isSecure: true });
    const { pump, record, notices } = startPush(`https://127.0.0.1:${port}/`, CREDENTIALS);
    record("a");
    expect(await pump.drain(500)).toBe(false);
    expect(received).toEqual([]);
    expect(notices[0]).toMatchObject({ id: "event-push", severity: "warning" });
  });

  test("wait for a server that is down, and arrive when it is up", async () => {
    const { port, server } = await startReceiver();
    server.close();
    await once(server, "close");
    const { record, notices } = startPush(`http://127.0.0.1:${port}/`);
    record("a");
    await expect.poll(() => notices.map(({ id }) => id), { timeout: 5_000 }).toContain("event-push");
    const { received } = await startReceiver({ port });
    record("b");
    await expect.poll(() => sequences(received), { timeout: 10_000 }).toEqual([1, 2]);
    await expect.poll(() => notices.at(-1)).toMatchObject({ id: "event-push", text: "" });
  }, 20_000);

  test("are posted again after a 503, and a batch that will never be taken is given up", async () => {
    const { port, received } = await startReceiver({
      answer: (count) => [503, 204, 400, 400, 204][count] ?? 204,
    });
    const { pump, record, log } = startPush(`http://127.0.0.1:${port}/`);
    record("a");
    expect(await pump.drain(5_000)).toBe(true);
    record("b");
    expect(await pump.drain(5_000)).toBe(true);
    record("c");
    expect(await pump.drain(5_000)).toBe(true);
    record("d");
    expect(await pump.drain(5_000)).toBe(true);
    expect(sequences(received)).toEqual([1, undefined, 4]);
    expect(received[1]?.events[0]).toEqual({ kind: "events-lost", lost: 2 });
    expect(log.messages.filter((message) => message.includes("are lost"))).toHaveLength(1);
  });

  test("a redirection is not followed", async () => {
    const { port, received } = await startReceiver({ answer: () => 302 });
    const { pump, record, notices } = startPush(`http://127.0.0.1:${port}/`);
    record("a");
    expect(await pump.drain(300)).toBe(false);
    expect(received).toEqual([]);
    expect(notices.at(-1)?.text).toContain("the server answers 302: no thanks");
  });

  test("a server that never answers does not hold up the end of an installation", async () => {
    const server = createHttpServer(() => undefined);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    const { pump, record } = startPush(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    record("a");
    const startedAt = performance.now();
    expect(await pump.drain(300)).toBe(false);
    await pump[Symbol.asyncDispose]();
    expect(performance.now() - startedAt).toBeLessThan(3_000);
  });
});
