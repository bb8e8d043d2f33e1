import { writeFile } from "node:fs/promises";
import path from "node:path";
import { silentLogger } from "../../../src/core/logger.ts";
import { Secret } from "../../../src/core/secret.ts";
import { AccessPolicy } from "../../../src/rpc/access-policy.ts";
import { createGrpcServer } from "../../../src/rpc/grpc/server.ts";
import { listenOnPort } from "../../../src/rpc/port/listen.ts";
import type { RunControl } from "../../../src/rpc/run-control.ts";
import { installerShellMethod } from "../../../src/rpc/shell/shell-method.ts";
import { ShellSessions } from "../../../src/rpc/shell/shell-sessions.ts";
import { SrpcServer } from "../../../src/rpc/srpc/server.ts";
import { parseCertificates, type ServerCredentials } from "../../../src/rpc/tls/credentials.ts";
import type { Host } from "../../../src/system/host.ts";
import { makeTestAuthority, makeTestCertificate } from "../../support/certificates.ts";
import { ScriptedRun } from "../../support/scripted-run.ts";

/** The certificates of a site, and people who have some. */
export interface Site {
  readonly credentials: ServerCredentials;
  /** Writes the pair of a person who may call `methods` to `directory`. */
  issue(directory: string, methods: readonly string[], notAfter?: Date): Promise<void>;
}

export function makeSite(): Site {
  const authority = makeTestAuthority("Test CA");
  const server = makeTestCertificate({ commonName: "server" }, authority);
  return {
    credentials: {
      certificates: server.certificate,
      key: new Secret(Buffer.from(server.key)),
      anchors: { methodRoots: parseCertificates(authority.certificate, "CA.pem"), identityRoots: [] },
    },
    issue: async (directory, methods, notAfter) => {
      const notBefore = new Date(Date.now() - 7_200_000);
      const validity = notAfter === undefined ? {} : { notBefore, notAfter };
      const request = { commonName: "alice", methods, key: server.key, ...validity };
      await writeFile(
        path.join(directory, "alice.cert"),
        makeTestCertificate(request, authority).certificate,
      );
      await writeFile(path.join(directory, "alice.key"), server.key);
    },
  };
}

export interface InstallingMachineOptions {
  readonly host: Pick<Host, "clock" | "terminals">;
  /** Absent: no TLS at all. */
  readonly credentials?: ServerCredentials;
  /** Default: any free port. */
  readonly port?: number;
  /** Without gRPC, as the original. */
  readonly isOriginal?: boolean;
  readonly isInsecure?: boolean;
  readonly statusAccess?: "open" | "authenticated";
  readonly run?: ScriptedRun;
  readonly archive?: readonly Uint8Array[];
}

export interface InstallingMachine extends AsyncDisposable {
  readonly port: number;
  /** For the command line. */
  readonly address: string;
  readonly run: ScriptedRun;
  readonly sessions: ShellSessions;
  /** What was asked of it, in order. */
  readonly controlled: readonly string[];
}

const SHELL = ["bash", "--norc", "--noprofile", "--noediting", "-i"];

/** All that a machine shows on its port, on loopback; only the installation itself is scripted. */
export async function startInstallingMachine(options: InstallingMachineOptions): Promise<InstallingMachine> {
  const { host, credentials, isInsecure = false, statusAccess = "open", archive = [] } = options;
  const run = options.run ?? new ScriptedRun();
  await using resources = new AsyncDisposableStack();
  const sessions = resources.use(
    new ShellSessions({
      terminals: host.terminals,
      command: SHELL,
      clock: host.clock,
      log: silentLogger,
      logSource: { entries: () => ["log so far"], subscribe: () => ({ [Symbol.dispose]: () => undefined }) },
    }),
  );
  const controlled: string[] = [];
  const grpc = createGrpcServer({
    snapshot: () => run.snapshot(),
    history: run.history,
    policy: new AccessPolicy({ statusAccess, isInsecure, trustedUsers: [], trustedGroups: [] }),
    shells: sessions,
    control: recordControl(controlled),
    diagnose: async function* () {
      yield* archive;
    },
    log: silentLogger,
  });
  resources.defer(async () => grpc.close(0));
  const srpc = new SrpcServer({
    methods: [installerShellMethod(sessions)],
    hostname: "host7",
    credentials: () => credentials,
    isInsecure,
    log: silentLogger,
  });
  const listening = resources.use(
    await listenOnPort({
      port: options.port ?? 0,
      host: "127.0.0.1",
      srpc,
      tls: () => (options.isOriginal === true ? undefined : credentials),
      ...(options.isOriginal === true ? {} : { grpc: (socket, caller) => grpc.inject(socket, caller) }),
      log: silentLogger,
    }),
  );
  const owned = resources.move();
  return {
    port: listening.port,
    address: `127.0.0.1:${listening.port}`,
    run,
    sessions,
    controlled,
    [Symbol.asyncDispose]: async () => owned.disposeAsync(),
  };
}

/** Accepts everything but what an installation that runs does not allow. */
function recordControl(controlled: string[]): RunControl {
  const record = (what: string): void => void controlled.push(what);
  return {
    holdReboot: () => record("hold"),
    releaseReboot: () => record("release"),
    rebootNow: () => false,
    rerun: () => record("rerun"),
    cancel: () => {
      record("cancel");
      return true;
    },
  };
}
