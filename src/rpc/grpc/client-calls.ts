import { once } from "node:events";
import { Client, type ClientReadableStream, credentials, type MethodDefinition } from "@grpc/grpc-js";
import type { ConnectOptions } from "./client.ts";
import { explainCall } from "./client-errors.ts";
import { findTransport } from "./find-transport.ts";

/** A channel to a server whose transport is known. */
export interface Connection {
  readonly client: Client;
  readonly isSecure: boolean;
  /** For messages. */
  readonly peer: string;
  readonly hasCertificate: boolean;
  readonly callTimeoutMs: number;
}

const DEFAULT_CALL_TIMEOUT_MS = 15_000;
/** Larger than any answer; pieces of archives are much smaller. */
const MAX_ANSWER_BYTES = 16 << 20;
/** Server certificates have no host names; a name must be there because TLS forbids addresses (RFC 6066 section 3). */
const SERVER_NAME = "installer";

const CHANNEL_OPTIONS = {
  "grpc.enable_http_proxy": 0,
  "grpc.enable_channelz": 0,
  "grpc.enable_retries": 0,
  "grpc.service_config_disable_resolution": 1,
  // A closed client must not leave its connection behind for the next one.
  "grpc.use_local_subchannel_pool": 1,
  "grpc.max_receive_message_length": MAX_ANSWER_BYTES,
  // A machine that was switched off says nothing.
  "grpc.keepalive_time_ms": 20_000,
  "grpc.keepalive_timeout_ms": 10_000,
};

/** Finds out how the server is to be talked to; the errors of `connectInstaller`. */
export async function openConnection(options: ConnectOptions, signal: AbortSignal): Promise<Connection> {
  const { isSecure, target, peer } = await findTransport(options, signal);
  const channelCredentials = isSecure ? secureCredentials(options) : credentials.createInsecure();
  const channelOptions = isSecure
    ? { ...CHANNEL_OPTIONS, "grpc.ssl_target_name_override": SERVER_NAME }
    : CHANNEL_OPTIONS;
  return {
    client: new Client(target, channelCredentials, channelOptions),
    isSecure,
    peer,
    hasCertificate: isSecure && options.credentials !== undefined,
    callTimeoutMs: options.callTimeoutMs ?? DEFAULT_CALL_TIMEOUT_MS,
  };
}

function secureCredentials(options: ConnectOptions): ReturnType<typeof credentials.createSsl> {
  const { credentials: own, serverAuthorities } = options;
  return credentials.createSsl(
    serverAuthorities === undefined ? null : Buffer.from(serverAuthorities),
    own === undefined ? null : Buffer.from(own.key.expose()),
    own === undefined ? null : Buffer.from(own.certificates),
    { rejectUnauthorized: serverAuthorities !== undefined, checkServerIdentity: () => undefined },
  );
}

/** One request and its answer. `attempt` is for messages. */
export async function callUnary<Request, Reply>(
  connection: Connection,
  attempt: string,
  method: MethodDefinition<Request, Reply>,
  request: Request,
  signal: AbortSignal,
): Promise<Reply> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<Reply>();
  const call = connection.client.makeUnaryRequest(
    method.path,
    method.requestSerialize,
    method.responseDeserialize,
    request,
    { deadline: Date.now() + connection.callTimeoutMs },
    (error, reply) => {
      if (error === null && reply !== undefined) resolve(reply);
      else reject(explainCall(error, attempt, connection));
    },
  );
  const cancel = (): void => call.cancel();
  signal.addEventListener("abort", cancel, { once: true });
  try {
    return await promise;
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener("abort", cancel);
  }
}

/** The answers to one request, at the pace of the reader; leaving the loop cancels the call. */
export async function* readStream<Request, Reply>(
  connection: Connection,
  attempt: string,
  method: MethodDefinition<Request, Reply>,
  request: Request,
  signal: AbortSignal,
): AsyncGenerator<Reply, void> {
  signal.throwIfAborted();
  const call = connection.client.makeServerStreamRequest(
    method.path,
    method.requestSerialize,
    method.responseDeserialize,
    request,
  );
  yield* readMessages(call, attempt, connection, signal);
}

/** What a call receives; the call is cancelled when the signal is aborted and when the reader leaves. */
export async function* readMessages<Reply>(
  call: ClientReadableStream<Reply>,
  attempt: string,
  connection: Connection,
  signal: AbortSignal,
): AsyncGenerator<Reply, void> {
  const cancel = (): void => call.cancel();
  // A call that is cancelled after its end reports that as an error, which then has no other listener.
  call.on("error", () => undefined);
  signal.addEventListener("abort", cancel, { once: true });
  try {
    for await (const message of call) yield message as Reply;
    signal.throwIfAborted();
  } catch (error) {
    signal.throwIfAborted();
    throw explainCall(error, attempt, connection);
  } finally {
    signal.removeEventListener("abort", cancel);
    call.cancel();
  }
}

/** Resolves when a stream that was full has room again, or has ended. */
export async function drained(stream: NodeJS.EventEmitter): Promise<void> {
  const done = new AbortController();
  const wait = (event: string): Promise<unknown> => once(stream, event, { signal: done.signal });
  try {
    await Promise.race([wait("drain"), wait("close"), wait("end"), wait("error")]).catch(() => undefined);
  } finally {
    done.abort();
  }
}
