import type { Duplex } from "node:stream";
import { Server, ServerCredentials, type UntypedServiceImplementation } from "@grpc/grpc-js";
import type { Logger } from "../../core/logger.ts";
import type { EventHistory } from "../../engine/event-history.ts";
import type { Snapshot } from "../../engine/snapshot.ts";
import type { AccessPolicy } from "../access-policy.ts";
import type { Caller } from "../caller.ts";
import type { InstallerMethod } from "../installer-methods.ts";
import type { RunControl } from "../run-control.ts";
import type { ShellHost } from "../shell/shell-host.ts";
import { type CallLimits, DEFAULT_CALL_LIMITS, type RequiredGrant } from "./admission.ts";
import { CallGuard } from "./call-guard.ts";
import { type CallContext, CallRunner } from "./call-runner.ts";
import { Connections } from "./connections.ts";
import { steer } from "./control.ts";
import { type Diagnose, Diagnostics } from "./diagnose.ts";
import { createHealthService, HEALTH_METHODS } from "./health.ts";
import { type ControlMethod, INSTALLER_METHODS } from "./methods.ts";
import { createReflectionService, REFLECTION_METHODS } from "./reflection.ts";
import { serveShell } from "./shell.ts";
import { streamLogs } from "./stream-logs.ts";
import { toStatus } from "./to-proto.ts";
import { watchEvents } from "./watch-events.ts";

export interface GrpcServerOptions {
  readonly snapshot: () => Snapshot;
  readonly history: EventHistory;
  readonly policy: AccessPolicy;
  readonly shells: ShellHost;
  readonly control: RunControl;
  readonly diagnose: Diagnose;
  readonly log: Logger;
  readonly limits?: Partial<CallLimits>;
  /** From the beginning of a call to the end of its request, or to its first message. Default 10 s. */
  readonly requestTimeoutMs?: number;
  /** How long a client may take nothing of what waits for it before its connection is dropped. Default 60 s. */
  readonly stallTimeoutMs?: number;
}

/** The gRPC service of the port; it does not listen itself. */
export interface GrpcServer {
  /** Serves a connection that speaks HTTP/2, after TLS if there is any. `caller` is who all its calls come from. */
  inject(socket: Duplex, caller: Caller): void;
  /** Ends all calls with UNAVAILABLE; resolves when the connections are closed, which takes `graceMs` at most. */
  close(graceMs: number): Promise<void>;
  /** For metrics and tests. */
  statistics(): {
    readonly connections: number;
    readonly openCalls: number;
    readonly runningHandlers: number;
  };
}

const DEFAULT_REQUEST_TIMEOUT_MS = 10_000;
const DEFAULT_STALL_TIMEOUT_MS = 60_000;

const SERVER_OPTIONS = {
  "grpc.enable_channelz": 0,
  "grpc.max_receive_message_length": 64 << 10,
  "grpc.max_concurrent_streams": 32,
  // Finds clients that were switched off.
  "grpc.keepalive_time_ms": 20_000,
  "grpc.keepalive_timeout_ms": 20_000,
  "grpc.max_connection_idle_ms": 300_000,
  // In megabytes: what one connection may make us keep for it.
  "grpc-node.max_session_memory": 16,
} as const;

const GRANTS: ReadonlyMap<string, RequiredGrant> = new Map<string, RequiredGrant>([
  ...Object.entries(INSTALLER_METHODS).map(
    ([name, { path }]) =>
      [path, `Installer.${name as keyof typeof INSTALLER_METHODS}` satisfies InstallerMethod] as const,
  ),
  ...Object.values(HEALTH_METHODS).map(({ path }) => [path, "none"] as const),
  // What the services are called is shown to whoever may see the status.
  ...REFLECTION_METHODS.map(
    ({ ServerReflectionInfo }) => [ServerReflectionInfo.path, "Installer.GetStatus"] as const,
  ),
]);

/** The service of installer.proto with health checks and server reflection. */
export function createGrpcServer(options: GrpcServerOptions): GrpcServer {
  const connections = new Connections();
  const guard = new CallGuard({
    policy: options.policy,
    limits: { ...DEFAULT_CALL_LIMITS, ...options.limits },
    connections,
    grants: GRANTS,
    requestTimeoutMs: options.requestTimeoutMs ?? DEFAULT_REQUEST_TIMEOUT_MS,
    log: options.log,
  });
  const stallTimeoutMs = options.stallTimeoutMs ?? DEFAULT_STALL_TIMEOUT_MS;
  const runner = new CallRunner({ guard, stallTimeoutMs, log: options.log });
  const server = new Server({ ...SERVER_OPTIONS, interceptors: [guard.interceptor] });
  server.addService(INSTALLER_METHODS, createInstallerService(options, runner));
  server.addService(HEALTH_METHODS, createHealthService(runner));
  for (const methods of REFLECTION_METHODS) server.addService(methods, createReflectionService(runner));
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  let isClosed = false;
  return {
    inject: (socket, caller) => {
      if (isClosed) {
        socket.destroy();
        return;
      }
      connections.add(socket, caller);
      injector.injectConnection(socket);
    },
    close: async (graceMs) => {
      isClosed = true;
      runner.close();
      injector.drain(graceMs);
      await connections.closed(graceMs);
      connections.destroyAll();
      injector.destroy();
    },
    statistics: () => ({
      connections: connections.size,
      openCalls: guard.admission.open,
      runningHandlers: runner.running,
    }),
  };
}

function createInstallerService(
  options: GrpcServerOptions,
  runner: CallRunner,
): UntypedServiceImplementation {
  const { snapshot, history, shells, control, log } = options;
  const diagnostics = new Diagnostics(options.diagnose);
  const steering = (method: ControlMethod): ReturnType<typeof runner.unary> =>
    runner.unary((_request: unknown, { who }) => steer(control, method, who));
  return {
    GetStatus: runner.unary(() => toStatus(snapshot())),
    WatchEvents: runner.serverStream((request: Parameters<typeof watchEvents>[1], { signal }) =>
      watchEvents(history, request, signal),
    ),
    StreamLogs: runner.serverStream((request: Parameters<typeof streamLogs>[1], { signal }) =>
      streamLogs(history, request, signal),
    ),
    Shell: runner.conversation((conversation: Parameters<typeof serveShell>[1], context) =>
      serveShell(shells, conversation, context),
    ),
    HoldReboot: steering("HoldReboot"),
    ReleaseReboot: steering("ReleaseReboot"),
    RebootNow: steering("RebootNow"),
    Rerun: steering("Rerun"),
    Cancel: steering("Cancel"),
    Diagnose: runner.serverStream((_request: unknown, { who, signal }: CallContext) => {
      log.info(`${who}: collecting diagnostics`);
      return diagnostics.collect(signal);
    }),
  };
}
