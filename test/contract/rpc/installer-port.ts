import type { Duplex } from "node:stream";
import { type Logger, silentLogger } from "../../../src/core/logger.ts";
import { EventHistory } from "../../../src/engine/event-history.ts";
import { EventStream, type InstallerEvent } from "../../../src/engine/events.ts";
import type { Snapshot } from "../../../src/engine/snapshot.ts";
import { applyEvent, INITIAL_STATUS } from "../../../src/engine/status.ts";
import { AccessPolicy, type AccessPolicyOptions } from "../../../src/rpc/access-policy.ts";
import { connectInstaller, type InstallerClient } from "../../../src/rpc/grpc/client.ts";
import { createGrpcServer, type GrpcServer, type GrpcServerOptions } from "../../../src/rpc/grpc/server.ts";
import { listenOnPort } from "../../../src/rpc/port/listen.ts";
import type { RunControl } from "../../../src/rpc/run-control.ts";
import { createLogSource } from "../../../src/rpc/shell/log-source.ts";
import { ShellSessions } from "../../../src/rpc/shell/shell-sessions.ts";
import { SrpcServer } from "../../../src/rpc/srpc/server.ts";
import type { ClientCredentials, ServerCredentials } from "../../../src/rpc/tls/credentials.ts";
import { createNodeHost } from "../../../src/system/node/node-host.ts";
import type { Terminals } from "../../../src/system/terminals.ts";
import { FakeTerminals } from "../../support/fake-terminals.ts";
import { signal } from "./srpc-server.ts";

/** Steers nothing and remembers who wanted to. */
export class RecordingControl implements RunControl {
  readonly acts: string[] = [];
  /** Whether the installation runs. */
  isRunning = true;

  holdReboot(who: string): void {
    this.acts.push(`hold: ${who}`);
  }

  releaseReboot(who: string): void {
    this.acts.push(`release: ${who}`);
  }

  rebootNow(who: string): boolean {
    this.acts.push(`reboot: ${who}`);
    return !this.isRunning;
  }

  rerun(who: string): void {
    this.acts.push(`rerun: ${who}`);
  }

  cancel(who: string): boolean {
    this.acts.push(`cancel: ${who}`);
    return this.isRunning;
  }
}

export interface InstallerPortOptions extends Partial<Omit<GrpcServerOptions, "policy">> {
  /** Where to listen. Default 127.0.0.1. */
  readonly listenAt?: string;
  /** Absent: the port offers no TLS. */
  readonly credentials?: ServerCredentials;
  readonly policy?: Partial<AccessPolicyOptions>;
  readonly terminals?: Terminals;
  readonly command?: readonly string[];
  /** Sees each connection before the server does. */
  readonly onConnection?: (socket: Duplex) => void;
}

/** The port of an installer with its gRPC service, on loopback. */
export interface InstallerPort extends AsyncDisposable {
  readonly port: number;
  readonly server: GrpcServer;
  readonly history: EventHistory;
  readonly events: EventStream;
  readonly terminals: FakeTerminals;
  readonly sessions: ShellSessions;
  readonly control: RecordingControl;
  /** Publishes a log entry. */
  say(message: string, level?: "error" | "warn" | "info" | "debug"): void;
  /** Default: to 127.0.0.1. */
  connect(credentials?: ClientCredentials, host?: string): Promise<InstallerClient>;
}

const CLOSE_MS = 200;

export async function startInstallerPort(options: InstallerPortOptions = {}): Promise<InstallerPort> {
  const { credentials, policy, ...given } = options;
  const log: Logger = options.log ?? silentLogger;
  const clock = createNodeHost().clock;
  const events = new EventStream();
  const history = options.history ?? new EventHistory();
  let status = INITIAL_STATUS;
  events.subscribe((event: InstallerEvent) => {
    history.record(event);
    status = applyEvent(status, event);
  });
  const terminals = new FakeTerminals();
  const sessions = new ShellSessions({
    terminals: options.terminals ?? terminals,
    command: options.command ?? ["sh"],
    clock,
    log,
    logSource: createLogSource(
      events,
      () => [],
      () => true,
    ),
  });
  const control = new RecordingControl();
  const server = createGrpcServer({
    snapshot: () => ({ ...SNAPSHOT, status, sequence: history.sequence, sessions: sessions.list() }),
    diagnose: async function* () {
      yield Buffer.from("archive");
    },
    history,
    shells: sessions,
    control,
    log,
    ...given,
    policy: new AccessPolicy({
      statusAccess: "open",
      isInsecure: false,
      trustedUsers: [],
      trustedGroups: [],
      ...policy,
    }),
  });
  const listening = await listenOnPort({
    port: 0,
    host: options.listenAt ?? "127.0.0.1",
    srpc: new SrpcServer({ methods: [], hostname: "host.example", isInsecure: false, log }),
    grpc: (socket, caller) => {
      options.onConnection?.(socket);
      server.inject(socket, caller);
    },
    tls: () => credentials,
    log,
  });
  return {
    port: listening.port,
    server,
    history,
    events,
    terminals,
    sessions,
    control,
    say: (message, level = "info") =>
      events.publish({ kind: "log", at: clock.monotonicMs(), level, message }),
    connect: (own, host = "127.0.0.1") =>
      connectInstaller(
        { host, port: listening.port, ...(own === undefined ? {} : { credentials: own }) },
        signal,
      ),
    [Symbol.asyncDispose]: async () => {
      await server.close(CLOSE_MS);
      await listening.close();
      await sessions[Symbol.asyncDispose]();
    },
  };
}

const SNAPSHOT: Snapshot = {
  hostname: "rack7",
  version: "1.2.3",
  runtime: "v26",
  startedUnixMs: 1_764_000_000_000,
  at: 1234.6,
  status: INITIAL_STATUS,
  sequence: 0,
  interfaces: [
    {
      name: "eth0",
      macAddress: "52:54:00:00:00:01",
      isUp: true,
      hasCarrier: true,
      speedBps: 25_000_000_000,
      mtu: 9000,
      addresses: ["10.0.0.5/24"],
      isPhysical: true,
    },
  ],
  sessions: [],
  machine: {
    vendor: "Acme",
    model: "R1",
    serial: "X",
    cpu: "Z80",
    cpuCount: 2,
    memoryBytes: 2 ** 40,
    availableMemoryBytes: 2 ** 39,
    firmware: "efi",
    kernel: "6.1",
    drives: [{ name: "sda", model: "M", serial: "S", sizeBytes: 18_000_207_937_536, transport: "sata" }],
  },
  process: { memoryBytes: 1, cpuUserSeconds: 1, cpuSystemSeconds: 1 },
};

/** Resolves as soon as `isTrue` is, looking every 5 ms; rejects after `limitMs`. */
export async function eventually(isTrue: () => boolean, limitMs = 5_000): Promise<void> {
  const deadline = performance.now() + limitMs;
  while (!isTrue()) {
    if (performance.now() > deadline) throw new Error(`not true within ${limitMs} ms: ${String(isTrue)}`);
    await new Promise((resolve) => {
      setTimeout(resolve, 5);
    });
  }
}
