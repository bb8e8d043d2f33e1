import {
  type Client,
  ServerCredentials as GrpcCredentials,
  Server,
  type ServiceDefinition,
} from "@grpc/grpc-js";
import { silentLogger } from "../../../src/core/logger.ts";
import { Callers } from "../../../src/rpc/port/callers.ts";
import { type ListeningPort, listenOnPort } from "../../../src/rpc/port/listen.ts";
import type { PortOptions } from "../../../src/rpc/port/port-options.ts";
import { streamMethod } from "../../../src/rpc/srpc/method.ts";
import { SrpcServer, type SrpcServerOptions } from "../../../src/rpc/srpc/server.ts";
import {
  type ClientCredentials,
  parseCertificates,
  parseClientCredentials,
  type ServerCredentials,
  type TlsSource,
} from "../../../src/rpc/tls/credentials.ts";
import { makeTestAuthority, makeTestCertificate, type TestCertificate } from "../../support/certificates.ts";

/** What every protocol of a test port says about whoever asks. */
export interface WhoAnswer {
  readonly user: string;
  readonly isSecure: boolean;
  readonly peer: string;
  readonly refusal?: string;
}

/** Path of the only gRPC method: its answer is a `WhoAnswer` as JSON. */
export const WHO_GRPC_PATH = "/test.Who/Ask";

/** A method under the name of the shell: echoes lines until an empty one. */
const echoShell = streamMethod({
  name: "Installer.Shell",
  run: async (call, { identity }) => {
    await call.write(`hello ${identity.userName}\n`);
    for (;;) {
      const line = await call.reader.readLine(1000);
      await call.write(`${line}\n`);
      if (line === "") return;
    }
  },
});

export interface TestPort extends AsyncDisposable {
  readonly listening: ListeningPort;
  readonly callers: Callers;
}

/** A port that speaks everything, on loopback; GET /who answers as the gRPC method does, GET /slow after `slowMs`. */
export async function startTestPort(
  credentials: TlsSource,
  port: Partial<PortOptions> = {},
  srpc: Partial<SrpcServerOptions> = {},
): Promise<TestPort> {
  const callers = new Callers();
  const grpcServer = createWhoServer(callers);
  const injector = grpcServer.createConnectionInjector(GrpcCredentials.createInsecure());
  const listening = await listenOnPort({
    port: 0,
    host: "127.0.0.1",
    srpc: new SrpcServer({
      methods: [echoShell],
      hostname: "host.example",
      isInsecure: false,
      credentials,
      log: silentLogger,
      ...srpc,
    }),
    tls: credentials,
    grpc: (socket) => injector.injectConnection(socket),
    http: (request, response) => {
      const who = JSON.stringify(whoOf(callers.of(request.socket)));
      response.writeHead(request.url === "/who" ? 200 : 404, { "Content-Type": "application/json" }).end(who);
    },
    callers,
    log: silentLogger,
    ...port,
  });
  const dispose = async (): Promise<void> => {
    grpcServer.forceShutdown();
    await listening.close();
  };
  return { listening, callers, [Symbol.asyncDispose]: dispose };
}

function createWhoServer(callers: Callers): Server {
  const server = new Server({ "grpc.enable_channelz": 0 });
  const asIs = (value: Buffer): Buffer => value;
  const service: ServiceDefinition = {
    Ask: {
      path: WHO_GRPC_PATH,
      requestStream: false,
      responseStream: false,
      requestSerialize: asIs,
      requestDeserialize: asIs,
      responseSerialize: asIs,
      responseDeserialize: asIs,
    },
  };
  server.addService(service, {
    Ask: (call: { getPeer(): string }, callback: (error: null, answer: Buffer) => void) =>
      callback(null, Buffer.from(JSON.stringify(whoOf(callers.ofPeer(call.getPeer()))))),
  });
  return server;
}

function whoOf({ identity, isSecure, peer, refusal }: ReturnType<Callers["of"]>): WhoAnswer {
  return { user: identity.userName, isSecure, peer, ...(refusal === undefined ? {} : { refusal }) };
}

/** Asks by gRPC; rejects after five seconds. */
export function askByGrpc(client: Client): Promise<WhoAnswer> {
  const asIs = (value: Buffer): Buffer => value;
  const { promise, resolve, reject } = Promise.withResolvers<WhoAnswer>();
  const deadline = Date.now() + 5_000;
  client.makeUnaryRequest(WHO_GRPC_PATH, asIs, asIs, Buffer.alloc(0), { deadline }, (error, answer) => {
    if (error !== null || answer === undefined) reject(error ?? new Error("no answer"));
    else resolve(JSON.parse(answer.toString()) as WhoAnswer);
  });
  return promise;
}

/** Certificates of every kind, all made once. */
export interface TestPeople {
  readonly credentials: ServerCredentials;
  /** The same authorities under a new certificate of the server. */
  readonly renewed: ServerCredentials;
  /** May do everything with the installer. */
  readonly admin: ClientCredentials;
  /** The key and name of `admin`, re-issued without methods. */
  readonly demoted: ClientCredentials;
  readonly foreign: ClientCredentials;
  readonly expired: ClientCredentials;
  /** With methods, but from the authority that only vouches for names. */
  readonly identityOnly: ClientCredentials;
}

const NAMES = { certificateFile: "cert.pem", keyFile: "key.pem" };
const METHODS = ["Installer.*"];

export function makePeople(): TestPeople {
  const authority = makeTestAuthority("Test CA");
  const identityAuthority = makeTestAuthority("Identity CA");
  const anchors = {
    methodRoots: parseCertificates(authority.certificate, "CA.pem"),
    identityRoots: parseCertificates(identityAuthority.certificate, "IdentityCA.pem"),
  };
  const server = (commonName: string): ServerCredentials => {
    const { certificates, key } = clientCredentials(makeTestCertificate({ commonName }, authority));
    return { certificates, key, anchors };
  };
  const admin = makeTestCertificate({ commonName: "admin", methods: METHODS }, authority);
  const issue = (issuer: TestCertificate, methods: readonly string[], notAfter?: Date): ClientCredentials => {
    const validity =
      notAfter === undefined ? {} : { notBefore: new Date(notAfter.getTime() - 3_600_000), notAfter };
    // The key is shared, because making one takes a while.
    return clientCredentials(
      makeTestCertificate({ commonName: "admin", methods, key: admin.key, ...validity }, issuer),
    );
  };
  return {
    credentials: server("server"),
    renewed: server("renewed server"),
    admin: clientCredentials(admin),
    demoted: issue(authority, []),
    foreign: issue(makeTestAuthority("Foreign CA"), METHODS),
    expired: issue(authority, METHODS, new Date(Date.now() - 3_600_000)),
    identityOnly: issue(identityAuthority, METHODS),
  };
}

function clientCredentials({ certificate, key }: TestCertificate): ClientCredentials {
  return parseClientCredentials(certificate, key, NAMES);
}
