import { connect } from "node:net";
import { InstallerError } from "../../../src/core/errors.ts";
import { silentLogger } from "../../../src/core/logger.ts";
import { struct, text } from "../../../src/rpc/gob/schema.ts";
import { type ListeningPort, listenOnPort } from "../../../src/rpc/port/listen.ts";
import type { PortOptions } from "../../../src/rpc/port/port-options.ts";
import { type Call, connectSrpc, type SrpcConnection } from "../../../src/rpc/srpc/client.ts";
import type { DialOptions } from "../../../src/rpc/srpc/dial.ts";
import { type Method, requestReplyMethod, streamMethod } from "../../../src/rpc/srpc/method.ts";
import { SrpcServer, type SrpcServerOptions } from "../../../src/rpc/srpc/server.ts";
import {
  type ClientCredentials,
  type JudgingCredentials,
  parseCertificates,
  parseClientCredentials,
  type ServerCredentials,
} from "../../../src/rpc/tls/credentials.ts";
import { makeTestAuthority, makeTestCertificate, type TestCertificate } from "../../support/certificates.ts";

const HOUR_MS = 3_600_000;

export const echoMessage = struct("Echo", { Text: text });

const echoMethod = requestReplyMethod({
  name: "Test.Echo",
  isPublic: true,
  requestSchema: echoMessage,
  replySchema: echoMessage,
  run: async ({ Text }, { identity }) => {
    if (Text === "fail") throw new InstallerError("E_IMAGE_NOT_FOUND", "finding it\nin vain");
    if (Text === "bug") throw new Error("a secret of ours");
    return { Text: `${identity.userName}:${Text}` };
  },
});

/** Sends as many zero bytes as the line after the acknowledgement says. */
const stream = streamMethod({
  name: "Test.Stream",
  run: async (call) => {
    const chunk = new Uint8Array(65_536);
    let remaining = Number(await call.reader.readLine(20));
    for (; remaining > 0; remaining -= chunk.length) await call.write(chunk.subarray(0, remaining));
  },
});

/** Echoes coded values until an empty one. */
const conversation = streamMethod({
  name: "Test.Conversation",
  run: async (call) => {
    for (;;) {
      const { Text } = await call.receive(echoMessage);
      await call.send(echoMessage, { Text });
      if (Text === "") return;
    }
  },
});

const failing = streamMethod({
  name: "Test.Fail",
  run: () => Promise.reject(new InstallerError("E_IMAGE_NOT_FOUND", "failing on purpose")),
});

const hanging = streamMethod({ name: "Test.Hang", run: () => new Promise(() => undefined) });

export const TEST_METHODS: readonly Method[] = [echoMethod, stream, conversation, failing, hanging];

export interface TestServerOptions extends Partial<Omit<SrpcServerOptions, "credentials">> {
  /** Absent: an insecure server, unless `isInsecure` says otherwise. */
  readonly credentials?: ServerCredentials | undefined;
}

/** A server of the methods above on a free loopback port. */
export async function startTestServer(
  { credentials, ...server }: TestServerOptions = {},
  port: Partial<PortOptions> = {},
): Promise<ListeningPort> {
  const srpc = new SrpcServer({
    methods: TEST_METHODS,
    hostname: "host.example",
    credentials: () => credentials,
    isInsecure: credentials === undefined,
    log: silentLogger,
    ...server,
  });
  return listenOnPort({ port: 0, host: "127.0.0.1", srpc, log: silentLogger, ...port });
}
export const signal = new AbortController().signal;

/** The error code that `promise` rejects with. */
export async function codeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => "no error",
    (error: InstallerError) => error.code ?? String(error),
  );
}

/** A client of that server. */
export function connectTo(port: ListeningPort, options: Partial<DialOptions> = {}): Promise<SrpcConnection> {
  return connectSrpc({ host: "127.0.0.1", port: port.port, ...options }, signal);
}

/** One request and its reply. */
export function echo(connection: SrpcConnection, text: string): Promise<{ readonly Text: string }> {
  return connection.requestReply(
    { method: "Test.Echo", requestSchema: echoMessage, request: { Text: text }, replySchema: echoMessage },
    signal,
  );
}

/** Reads and drops that many bytes. */
export async function readBytes(
  call: Call,
  size: number,
  onPart: () => void = () => undefined,
): Promise<number> {
  let received = 0;
  while (received < size) {
    received += (await call.readSome(size - received)).length;
    onPart();
  }
  return received;
}

/** Sends `text` and returns everything that comes back until the server closes. */
export async function rawConversation(port: number, text: string): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  socket.end(text);
  const parts: Buffer[] = [];
  for await (const part of socket) parts.push(part as Buffer);
  return Buffer.concat(parts).toString("latin1");
}

/** Both sides of a TLS connection. */
export interface Parties {
  readonly authority: TestCertificate;
  readonly credentials: JudgingCredentials;
  /** A client certificate for alice. */
  readonly issue: (
    methods?: readonly string[],
    issuer?: TestCertificate,
    notAfter?: Date,
  ) => ClientCredentials;
}

/** A throw-away authority with a server and clients that trust it. */
export function makeParties(): Parties {
  const authority = makeTestAuthority("Test CA");
  const own = makeTestCertificate({ commonName: "server" }, authority);
  const names = { certificateFile: "cert.pem", keyFile: "key.pem" };
  const { certificates, key } = parseClientCredentials(own.certificate, own.key, names);
  const anchors = { methodRoots: parseCertificates(authority.certificate, "CA.pem"), identityRoots: [] };
  return {
    authority,
    credentials: { certificates, key, anchors },
    issue: (methods, issuer = authority, notAfter) => {
      const validity =
        notAfter === undefined ? {} : { notBefore: new Date(notAfter.getTime() - HOUR_MS), notAfter };
      const claims = methods === undefined ? {} : { methods };
      const made = makeTestCertificate({ commonName: "alice", ...claims, ...validity }, issuer);
      return parseClientCredentials(made.certificate, made.key, names);
    },
  };
}
