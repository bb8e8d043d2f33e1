import { messageChain } from "../../core/errors.ts";
import type { Logger } from "../../core/logger.ts";
import { rateLimitedLogger } from "../../core/rate-limited-logger.ts";
import { createEventLogger } from "../../engine/event-logger.ts";
import type { Notice } from "../../engine/facts.ts";
import { AccessPolicy } from "../../rpc/access-policy.ts";
import { SrpcStatistics } from "../../rpc/http/metrics/srpc-statistics.ts";
import { Callers } from "../../rpc/port/callers.ts";
import { type ListeningPort, listenOnPort } from "../../rpc/port/listen.ts";
import type { PortOptions } from "../../rpc/port/port-options.ts";
import type { RunControl } from "../../rpc/run-control.ts";
import { createLogSource } from "../../rpc/shell/log-source.ts";
import { installerShellMethod } from "../../rpc/shell/shell-method.ts";
import { ShellSessions } from "../../rpc/shell/shell-sessions.ts";
import { SrpcServer } from "../../rpc/srpc/server.ts";
import type { ClientCredentials } from "../../rpc/tls/credentials.ts";
import type { Host } from "../../system/host.ts";
import type { Flags } from "../flags/installer-flags.ts";
import { openFlagCredentials } from "../read-flag-credentials.ts";
import { certificateFacts } from "./certificate-facts.ts";
import { credentialNotice, isOpenToEverybody } from "./credential-notice.ts";
import type { OpenShells } from "./hand-over.ts";
import type { Observation } from "./observation.ts";
import { createPortServices } from "./port-services.ts";
import { type PushTargets, startPushes } from "./push.ts";
import { createSnapshotSource } from "./snapshot.ts";

export interface RemoteAccessOptions {
  readonly flags: Flags;
  readonly host: Host;
  readonly observation: Observation;
  readonly control: RunControl;
  readonly pushTargets: PushTargets;
  readonly hostname: () => string;
  /** Ends what goes on in the background. */
  readonly signal: AbortSignal;
}

/** The daemon's port, and what else lets people look at the machine from outside. */
export interface RemoteAccess extends AsyncDisposable {
  /** What we show to servers. */
  readonly clientCredentials: ClientCredentials | undefined;
  readonly shells: OpenShells;
  /** On which it listens; undefined when it could not be opened. */
  readonly port: number | undefined;
  /** Gives what is still on its way to others a little time. Never rejects. */
  drain(): Promise<void>;
}

/** Messages about connections: they are not shown live in remote shells (spec/lifecycle.md section 7). */
const PORT_SOURCE = "port";
const STRANGERS_LOG_RATE = { burst: 100, perSecond: 2 } as const;
/** How long calls may take to end when the daemon does. */
const CLOSE_GRACE_MS = 500;
/** What is being pushed may delay the restart by so much. */
const DRAIN_LIMIT_MS = 3_000;

/**
 * Opens the port for everything that it speaks. Trouble never stops an installation: a port that cannot be opened, or
 * certificates that are missing, are logged and shown (spec/lifecycle.md section 1).
 */
export async function openRemoteAccess(options: RemoteAccessOptions): Promise<RemoteAccess> {
  const { flags, host, observation, signal } = options;
  const { events, history } = observation;
  const { clock } = host;
  await using resources = new AsyncDisposableStack();
  const log = createEventLogger({ events, clock, debugLevel: flags.logDebugLevel, stepId: PORT_SOURCE });
  const strangersLog = rateLimitedLogger(log, STRANGERS_LOG_RATE, () => clock.monotonicMs());
  const notify = (notice: Notice): void =>
    events.publish({ kind: "notice", at: clock.monotonicMs(), notice });
  const ending = new AbortController();
  resources.defer(() => ending.abort());

  const keeper = await openFlagCredentials(host, flags, log);
  void keeper.watch(AbortSignal.any([signal, ending.signal]));
  const notice = credentialNotice(keeper.current(), flags.insecure);
  if (notice !== undefined) {
    log.warn(notice.text);
    notify(notice);
  }
  const access = {
    isInsecure: isOpenToEverybody(keeper.current(), flags.insecure),
    trustedUsers: [...flags.srpcTrustedUsers],
    trustedGroups: flags.srpcTrustedGroups,
  };
  const shells = resources.use(createShells(options, log));
  const snapshot = createSnapshotSource({ ...options, shells });
  const callers = new Callers();
  const shellMethod = installerShellMethod(shells);
  const srpcStatistics = new SrpcStatistics([shellMethod.name], () => clock.monotonicMs());
  const opened: { port?: ListeningPort } = {};
  const { http, grpc } = await createPortServices({
    ...options,
    policy: new AccessPolicy({ ...access, statusAccess: flags.statusAccess }),
    callers,
    shells,
    snapshot,
    statistics: () => opened.port?.statistics(),
    srpcStatistics,
    certificate: () => certificateFacts(keeper.current()),
    log: strangersLog,
  });
  resources.defer(async () => grpc.close(CLOSE_GRACE_MS));
  const tls = () => keeper.current().server;
  const srpc = new SrpcServer({
    ...access,
    methods: [shellMethod],
    recorder: srpcStatistics,
    credentials: tls,
    hostname: options.hostname(),
    log: strangersLog,
  });
  const listening = await tryListening(
    {
      port: flags.portNum,
      srpc,
      http,
      grpc: (socket, caller) => grpc.inject(socket, caller),
      tls,
      callers,
      log: strangersLog,
    },
    log,
  );
  if (listening !== undefined) opened.port = resources.use(listening);
  const pumps = startPushes({
    targets: options.pushTargets,
    history,
    snapshot,
    credentials: keeper.current(),
    clock,
    log,
    notify,
  });
  for (const pump of pumps) resources.use(pump);
  const owned = resources.move();
  return {
    clientCredentials: keeper.current().client,
    shells,
    port: listening?.port,
    drain: async () => {
      await Promise.all(pumps.map(async (pump) => pump.drain(DRAIN_LIMIT_MS)));
    },
    [Symbol.asyncDispose]: async () => owned.disposeAsync(),
  };
}

function createShells({ flags, host, observation }: RemoteAccessOptions, log: Logger): ShellSessions {
  const { events, ring } = observation;
  const entries = (): readonly string[] => ring.entries();
  return new ShellSessions({
    terminals: host.terminals,
    command: flags.shellCommand,
    clock: host.clock,
    log,
    logSource: createLogSource(events, entries, (event) => event.stepId !== PORT_SOURCE),
  });
}

async function tryListening(options: PortOptions, log: Logger): Promise<ListeningPort | undefined> {
  try {
    const listening = await listenOnPort(options);
    log.info(`status page on port ${listening.port}`);
    return listening;
  } catch (error) {
    log.error(`cannot start server: ${messageChain(error)}`);
    return undefined;
  }
}
