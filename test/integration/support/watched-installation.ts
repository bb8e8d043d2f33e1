import type { InstallerEvent } from "../../../src/engine/events.ts";
import { type OpenedAccess, openTestAccess } from "../../contract/cli/remote-access.ts";
import { makeTestAuthority, makeTestCertificate } from "../../support/certificates.ts";
import type { Crowd, WatcherAnswer } from "./crowds.ts";
import { InstallationBench } from "./installation-bench.ts";
import { LoopDrive } from "./loop-drive.ts";
import { TimedEvents } from "./timed-events.ts";
import { untilSomebodyIsStuck } from "./unsent-bytes.ts";
import { WatcherProcess } from "./watcher-process.ts";

const MIB = 2 ** 20;
const DRIVE_BYTES = 1024 * MIB;
const LAYOUT = {
  BootDriveLayout: [
    { MountPoint: "/", MinimumFreeBytes: 128 * MIB },
    { FileSystemType: "swap", MinimumBytes: 16 * MIB },
  ],
  ExtraMountPointsBasename: "/data/",
};
/** Far above what it takes to open or to fill a connection, or to end a shell. */
const SETTLE_LIMIT_MS = 20_000;

/** How long an installation took. */
export interface Duration {
  readonly elapsedMs: number;
  /** For how much of that our main thread had a processor; what it does for watchers is in it. */
  readonly busyMs: number;
}

/** Installations on a loop drive behind the daemon's port, all in this process, and people in another one who watch them. */
export class WatchedInstallation implements AsyncDisposable {
  readonly access: OpenedAccess;
  /** What the steps publish to. */
  readonly events: TimedEvents;
  readonly #bench: InstallationBench;
  readonly #drive: LoopDrive;
  readonly #watchers: WatcherProcess;
  readonly #resources: AsyncDisposableStack;

  private constructor(
    parts: Pick<WatchedInstallation, "access" | "events"> & { readonly bench: InstallationBench },
    drive: LoopDrive,
    watchers: WatcherProcess,
    resources: AsyncDisposableStack,
  ) {
    this.access = parts.access;
    this.events = parts.events;
    this.#bench = parts.bench;
    this.#drive = drive;
    this.#watchers = watchers;
    this.#resources = resources;
  }

  /** `directory`: for the logs and certificates of the daemon. Takes scripts/build-debian-image. */
  static async open(directory: string): Promise<WatchedInstallation> {
    await using resources = new AsyncDisposableStack();
    const authority = makeTestAuthority("the authority");
    const server = makeTestCertificate({ commonName: "newborn" }, authority);
    const alice = makeTestCertificate({ commonName: "alice", methods: ["*.*"] }, authority);
    const texts = { ca: authority.certificate, certificate: server.certificate, key: server.key };
    const access = resources.use(await openTestAccess(directory, texts));
    const events = new TimedEvents(access.observation.events);
    const bench = resources.use(await InstallationBench.create(events));
    const drive = resources.use(new LoopDrive("boot", DRIVE_BYTES));
    const { certificate, key } = alice;
    const watchers = resources.use(new WatcherProcess({ port: access.port, certificate, key }));
    return new WatchedInstallation({ access, events, bench }, drive, watchers, resources.move());
  }

  /** All steps that look at drives or change them. */
  async install(): Promise<Duration> {
    const startMs = performance.now();
    const before = process.threadCpuUsage();
    await this.#bench.install([this.#drive.drive], LAYOUT, () => this.#bench.commands);
    const { user, system } = process.threadCpuUsage(before);
    return { elapsedMs: performance.now() - startMs, busyMs: (user + system) / 1000 };
  }

  /** Resolves when everybody has seen something and those who are to be stuck in a shell are. */
  async open(crowd: Crowd): Promise<void> {
    await this.#watchers.open(crowd);
    const isAnybodyStuck = crowd.some(({ kind, isStuck }) => kind === "shell" && isStuck);
    if (isAnybodyStuck) await untilSomebodyIsStuck(this.access.port, AbortSignal.timeout(SETTLE_LIMIT_MS));
  }

  /** Resolves when all have left and their shells have ended. Those who read a shell see the log up to now before. */
  async close(): Promise<WatcherAnswer> {
    const last = `the watchers leave at ${performance.now()}`;
    this.events.publish({ kind: "log", at: performance.now(), level: "info", message: last });
    const answer = await this.#watchers.close(last);
    const { shells } = this.access.access;
    await shells.waitUntilClosed(SETTLE_LIMIT_MS, new AbortController().signal);
    if (shells.count > 0) throw new Error("a shell does not end");
    return answer;
  }

  /** Calls `listener` with each log entry that is published, until the result is disposed. */
  onLog(listener: (entry: Extract<InstallerEvent, { kind: "log" }>) => void): Disposable {
    return this.access.observation.events.subscribe((event) => {
      if (event.kind === "log") listener(event);
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#resources.disposeAsync();
  }
}
