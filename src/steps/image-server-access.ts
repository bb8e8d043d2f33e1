import { formatMilliseconds } from "../core/duration.ts";
import { messageChain } from "../core/errors.ts";
import type { Logger } from "../core/logger.ts";
import type { ObjectId } from "../core/object-id.ts";
import { retry } from "../core/retry.ts";
import type { ObjectSource, OfferedObject } from "../objectcache/object-store.ts";
import { isTransientConnectionError } from "../rpc/connection-error.ts";
import { connectSrpc } from "../rpc/srpc/client.ts";
import { ImageServerClient } from "../rpc/srpc/image-server-client.ts";
import { measureCipherSpeeds, planCipherOrder } from "../rpc/tls/cipher-preference.ts";
import type { ClientCredentials } from "../rpc/tls/credentials.ts";
import type { Clock } from "../system/power.ts";

export interface ImageServerAddress {
  readonly host: string;
  readonly port: number;
}

interface ConnectPorts {
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** Opens connections to image servers with our certificate. */
export interface ImageServerConnector {
  connect(server: ImageServerAddress, ports: ConnectPorts): Promise<ImageServerClient>;
  /** The server's objects; each call of `getObjects` uses a connection of its own, so that a lost one can be replaced. */
  objectSource(server: ImageServerAddress, log: Logger): ObjectSource;
}

interface ConnectorOptions {
  readonly credentials: ClientCredentials | undefined;
  readonly clock: Clock;
  readonly connectTimeoutMs: number;
}

/** A server that restarts is back within a minute or two. */
const CONNECT_ATTEMPTS = 10;
const FIRST_DELAY_MS = 500;
const MAX_DELAY_MS = 15_000;

export function createImageServerConnector(options: ConnectorOptions): ImageServerConnector {
  let ciphers: string | undefined;
  const planCiphers = (): string => (ciphers ??= planCipherOrder(measureCipherSpeeds()));
  const connect = async (
    server: ImageServerAddress,
    { log, signal }: ConnectPorts,
  ): Promise<ImageServerClient> => {
    const peer = `${server.host}:${server.port}`;
    log.debug(0, `dialing: ${peer}`);
    const startMs = options.clock.monotonicMs();
    const connection = await retry(
      () =>
        connectSrpc(
          {
            host: server.host,
            port: server.port,
            connectTimeoutMs: options.connectTimeoutMs,
            ...(options.credentials === undefined
              ? {}
              : { tls: options.credentials, ciphers: planCiphers() }),
          },
          signal,
        ),
      {
        attempts: CONNECT_ATTEMPTS,
        firstDelayMs: FIRST_DELAY_MS,
        maxDelayMs: MAX_DELAY_MS,
        isTransient: isTransientConnectionError,
        onRetry: (error, attempt, delayMs) =>
          log.warn(
            `connecting to image server ${peer} failed (attempt ${attempt}), next in ${delayMs} ms: ${messageChain(error)}`,
          ),
      },
      signal,
    );
    const elapsedMs = options.clock.monotonicMs() - startMs;
    log.debug(0, `dialed ${peer} after ${formatMilliseconds(elapsedMs)}`);
    return new ImageServerClient(connection);
  };
  return {
    connect,
    objectSource: (server, log) => ({
      async *getObjects(ids: readonly ObjectId[], signal: AbortSignal): AsyncGenerator<OfferedObject> {
        await using client = await connect(server, { log, signal });
        yield* client.getObjects(ids, signal);
      },
    }),
  };
}
