import { buildInformation } from "../../core/build-information.ts";
import { messageChain } from "../../core/errors.ts";
import { createStatusListener } from "../../rpc/http/status-listener.ts";
import { type ListeningPort, listenOnPort } from "../../rpc/port/listen.ts";
import { SrpcServer } from "../../rpc/srpc/server.ts";
import type { Credentials } from "../../rpc/tls/credentials.ts";
import type { Clock } from "../../system/power.ts";
import type { Observation } from "./observation.ts";

interface StatusPortOptions {
  readonly port: number;
  readonly observation: Observation;
  readonly clock: Clock;
  readonly credentials: Credentials;
  readonly hostname: () => string;
}

/**
 * Opens the port of the status page; undefined when that fails, which does not stop an installation
 * (spec/lifecycle.md section 1). RPCs need our certificate: without one there are none.
 */
export async function openStatusPort(options: StatusPortOptions): Promise<ListeningPort | undefined> {
  const { observation, clock, credentials } = options;
  const { log } = observation;
  const http = createStatusListener({
    status: () => observation.status(),
    logEntries: () => observation.ring.entries(),
    hostname: options.hostname,
    nowMonotonicMs: () => clock.monotonicMs(),
    nowMs: () => clock.nowMs(),
    memoryBytes: () => process.memoryUsage.rss(),
    version: buildInformation()?.version ?? "unknown",
    runtime: `Node ${process.version}`,
  });
  const srpc = new SrpcServer({
    methods: [],
    hostname: options.hostname(),
    log,
    ...(credentials.server === undefined ? {} : { credentials: credentials.server }),
  });
  try {
    const listening = await listenOnPort({ port: options.port, srpc, http, log });
    log.info(`status page on port ${listening.port}`);
    return listening;
  } catch (error) {
    log.error(`cannot start server: ${messageChain(error)}`);
    return undefined;
  }
}
