import type { Logger } from "../../core/logger.ts";
import type { Snapshot } from "../../engine/snapshot.ts";
import type { AccessPolicy } from "../../rpc/access-policy.ts";
import { createDiagnostics } from "../../rpc/diagnostics/bundle.ts";
import { createGrpcServer, type GrpcServer } from "../../rpc/grpc/server.ts";
import { createHttpListener, type HttpListenerOptions } from "../../rpc/http/listener.ts";
import { LiveFeeds } from "../../rpc/http/live.ts";
import { LogStore } from "../../rpc/http/logs/log-store.ts";
import { LogsPages } from "../../rpc/http/logs/logs-pages.ts";
import type { CertificateFacts, PortFigures } from "../../rpc/http/metrics/metrics-source.ts";
import type { SrpcStatistics } from "../../rpc/http/metrics/srpc-statistics.ts";
import type { PageSource } from "../../rpc/http/page-source.ts";
import type { Callers } from "../../rpc/port/callers.ts";
import type { PortStatistics } from "../../rpc/port/statistics.ts";
import type { RunControl } from "../../rpc/run-control.ts";
import type { ShellHost } from "../../rpc/shell/shell-host.ts";
import type { Host } from "../../system/host.ts";
import { NodeOwnProcess } from "../../system/node/node-own-process.ts";
import type { Flags } from "../flags/installer-flags.ts";
import { flagFacts } from "./flag-facts.ts";
import type { Observation } from "./observation.ts";

export interface PortServicesOptions {
  readonly flags: Flags;
  readonly host: Host;
  readonly observation: Observation;
  readonly policy: AccessPolicy;
  readonly callers: Callers;
  readonly shells: ShellHost;
  readonly control: RunControl;
  readonly snapshot: () => Snapshot;
  /** Undefined while the port is not open. */
  readonly statistics: () => PortStatistics | undefined;
  readonly srpcStatistics: Pick<SrpcStatistics, "figures">;
  readonly certificate: () => CertificateFacts | undefined;
  readonly log: Logger;
}

/** What the port shows by HTTP and gRPC. */
export interface PortServices {
  readonly http: ReturnType<typeof createHttpListener>;
  readonly grpc: GrpcServer;
}

/** Composes pages and calls from their parts. */
export async function createPortServices(options: PortServicesOptions): Promise<PortServices> {
  const { flags, host, observation, policy, shells, control, snapshot, log } = options;
  const { history } = observation;
  const { clock, files, commands } = host;
  const source: PageSource = {
    snapshot,
    history,
    logEvents: () => history.itemsAfter(0).filter(({ event }) => event.kind === "log"),
  };
  const ownProcess = new NodeOwnProcess();
  const diagnose = createDiagnostics({
    files,
    commands,
    clock,
    snapshot,
    logEvents: () => source.logEvents(),
    logDirectory: flags.logDir,
    configurationDirectory: flags.tftpDirectory,
    procDirectory: flags.procDirectory,
    sysfsDirectory: flags.sysfsDirectory,
    args: ownProcess.args,
  });
  const http: HttpListenerOptions = {
    source,
    live: new LiveFeeds({ source, log }),
    logs: new LogsPages({
      store: new LogStore({
        files,
        directory: flags.logDir,
        firstFile: (await observation.syncLog()) ?? "",
        memory: () => observation.ring.entries(),
      }),
      clock,
      ownProcess,
    }),
    metrics: {
      snapshot,
      ownProcess,
      flags: flagFacts(flags),
      port: () => portFigures(options.statistics()),
      srpc: () => options.srpcStatistics.figures(),
      certificate: options.certificate,
    },
    policy,
    callerOf: (socket) => options.callers.of(socket),
    clock,
    log,
  };
  return {
    http: createHttpListener(http),
    grpc: createGrpcServer({ snapshot, history, policy, shells, control, diagnose, log }),
  };
}

const NOTHING_YET: PortFigures = {
  connections: 0,
  accepted: 0,
  refused: {},
  byProtocol: {},
  tlsHandshakes: 0,
  tlsFailures: 0,
};

function portFigures(statistics: PortStatistics | undefined): PortFigures {
  if (statistics === undefined) return NOTHING_YET;
  const { refusedTotal, refusedByAddress, refusedByRate, ...rest } = statistics;
  return { ...rest, refused: { total: refusedTotal, address: refusedByAddress, rate: refusedByRate } };
}
