import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { describePlan } from "../../../src/cli/daemon/describe-plan.ts";
import { parseStorageLayout } from "../../../src/config/storage-layout.ts";
import { EventStream } from "../../../src/engine/events.ts";
import { createRunner } from "../../../src/engine/runner.ts";
import type { RunStep, Step } from "../../../src/engine/step.ts";
import { parseFilter } from "../../../src/images/filter.ts";
import { scanTree } from "../../../src/images/scan-tree.ts";
import { requiredObjects } from "../../../src/images/tree.ts";
import { DirectoryObjectStore } from "../../../src/objectcache/directory-object-store.ts";
import type { ImageMetadata } from "../../../src/steps/fetch-image-metadata.step.ts";
import { installTargetBootLoader } from "../../../src/steps/install-boot-loader.step.ts";
import type { InstallOptions } from "../../../src/steps/install-options.ts";
import { makeToolsRoot } from "../../../src/steps/make-tools-root.step.ts";
import { planTarget } from "../../../src/steps/plan-storage.step.ts";
import { prepareTargetDrives } from "../../../src/steps/prepare-drives.step.ts";
import { proveDrivesIdle } from "../../../src/steps/prove-drives-idle.step.ts";
import { releaseTargetDrives } from "../../../src/steps/release-drives.step.ts";
import type { ObjectCache } from "../../../src/steps/reuse-objects.step.ts";
import { unmountNewSystem } from "../../../src/steps/unmount-target.step.ts";
import { unpackTarget } from "../../../src/steps/unpack-target.step.ts";
import { writeSystemFiles } from "../../../src/steps/write-system-files.step.ts";
import type { Drive } from "../../../src/storage/drives/drives.ts";
import { removeMounts } from "../../../src/storage/target/unmount.ts";
import type { CommandRunner } from "../../../src/system/commands.ts";
import type { Host } from "../../../src/system/host.ts";
import { createNodeHost } from "../../../src/system/node/node-host.ts";

const ROOT = resolve(import.meta.dirname, "../../..");

/** Made by scripts/build-debian-image. */
const DEBIAN_TREE = join(ROOT, ".cache/debian-tree");

/** What of a Debian neither the tools nor GRUB need: two thirds of it. */
const LEFT_OUT = [
  "/usr/lib/modules",
  "/usr/lib/python3.*",
  "/usr/lib/systemd",
  "/usr/lib/grub/x86_64-efi",
  "/usr/lib/locale",
  "/usr/lib/x86_64-linux-gnu/(perl.*|gconv|security)",
  "/usr/share/[^g].*",
  "/usr/bin/(perl.*|python.*|rsync|ssh.*|strace|tcpdump|curl|vim.*)",
  "/usr/sbin/sshd",
  "/var/(cache|lib)/.*",
];

type Parts = Pick<InstallationBench, "options" | "image" | "cache"> & {
  readonly directory: string;
  readonly events: EventStream;
  readonly host: Host & AsyncDisposable;
};

/** A machine with the tools unpacked and everything present, up to the first change: the real steps go on from here. */
export class InstallationBench implements AsyncDisposable {
  readonly options: InstallOptions;
  readonly image: ImageMetadata;
  readonly cache: ObjectCache;
  readonly #directory: string;
  readonly #events: EventStream;
  readonly #host: Host & AsyncDisposable;

  private constructor({ options, image, cache, directory, events, host }: Parts) {
    this.options = options;
    this.image = image;
    this.cache = cache;
    this.#directory = directory;
    this.#events = events;
    this.#host = host;
  }

  /** What the steps publish goes to `events`, as in the daemon. */
  static async create(events = new EventStream()): Promise<InstallationBench> {
    const host = createNodeHost();
    const directory = mkdtempSync(join(tmpdir(), "installation-bench-"));
    const options = makeOptions(directory);
    for (const each of [options.tmpRoot, options.mountPoint, options.tftpDirectory]) mkdirSync(each);
    writeFileSync(join(options.tftpDirectory, "imagename"), "debian\n");
    // In memory, as in an installation; its large files are links to objects.
    await host.mounts.mount({ source: "none", target: options.tmpRoot, type: "tmpfs", data: "mode=0755" });
    const store = new DirectoryObjectStore({ ...host, root: join(options.tmpRoot, ".objects") });
    const signal = new AbortController().signal;
    const filter = parseFilter(LEFT_OUT);
    const tree = await scanTree({ root: DEBIAN_TREE, files: host.files, objects: store, filter, signal });
    const bench = new InstallationBench({
      options,
      image: { name: "debian", tree },
      cache: { store, wanted: requiredObjects(tree) },
      directory,
      events,
      host,
    });
    await using cleanup = new AsyncDisposableStack();
    const { tmpRoot } = options;
    const input = { tmpRoot, tools: bench.image, cache: bench.cache };
    await bench.#runner(() => host.commands, cleanup)(makeToolsRoot, input);
    return bench;
  }

  get commands(): CommandRunner {
    return this.#host.commands;
  }

  /**
   * The part of an installation that changes drives and the checks before it, by the real steps in their real order
   * (src/steps/install.ts), with BIOS. `commandsOf` gives each step its programs. With `until` it ends after that step. What is
   * mounted is unmounted in any case.
   */
  async install(
    drives: readonly [Drive, ...Drive[]],
    layout: object,
    commandsOf: (step: Pick<Step<unknown, unknown>, "id" | "destructive">) => CommandRunner,
    until?: string,
  ): Promise<void> {
    const { options, image, cache } = this;
    await using cleanup = new AsyncDisposableStack();
    const runStep = this.#runner(commandsOf, cleanup);
    let isDone = false;
    const run = async <Input, Output>(
      step: Step<Input, Output>,
      input: Input,
    ): Promise<Output | undefined> => {
      if (isDone) return undefined;
      isDone = step.id === until;
      return runStep(step, input);
    };
    const parsed = parseStorageLayout("storage-layout.json", JSON.stringify(layout)).value;
    const target = await runStep(planTarget, { options, layout: parsed, drives, image, firmware: "bios" });
    const plan = target.storage;
    const at = this.#host.clock.monotonicMs();
    this.#events.publish({ kind: "drives-planned", at, plan: describePlan(plan) });
    await run(releaseTargetDrives, { options, plan });
    await run(proveDrivesIdle, { options, plan });
    const discardedDrives = (await run(prepareTargetDrives, { options, plan })) ?? new Set();
    await run(unpackTarget, { options, plan, image, cache });
    await run(writeSystemFiles, { options, plan, imageName: image.name, discardedDrives });
    await run(installTargetBootLoader, { options, target, useKexec: false });
    await run(unmountNewSystem, { options, plan });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { mounts, clock } = this.#host;
    await removeMounts(this.options.tmpRoot, { mounts, clock, signal: new AbortController().signal });
    // The directories of this very machine may be bound in there: what is mounted must never be deleted.
    const left = (await mounts.read()).filter(({ mountPoint }) => mountPoint.startsWith(this.#directory));
    if (left.length > 0)
      throw new Error(`still mounted: ${left.map(({ mountPoint }) => mountPoint).join(", ")}`);
    rmSync(this.#directory, { recursive: true });
    await this.#host[Symbol.asyncDispose]();
  }

  /** The daemon's runner, but that each step gets programs of its own. */
  #runner(
    commandsOf: (step: Pick<Step<unknown, unknown>, "id" | "destructive">) => CommandRunner,
    cleanup: AsyncDisposableStack,
  ): RunStep {
    const { signal } = new AbortController();
    return async (step, input) => {
      const host = { ...this.#host, commands: commandsOf(step) };
      return createRunner({ host, events: this.#events, debugLevel: -1, signal, cleanup })(step, input);
    };
  }
}

/** Of the operator's options those that the steps here look at. */
function makeOptions(directory: string): InstallOptions {
  return {
    tftpDirectory: join(directory, "tftpdata"),
    mountPoint: join(directory, "mnt"),
    tmpRoot: join(directory, "tmproot"),
    sysfsDirectory: "/sys",
    procDirectory: "/proc",
    efiBootEntry: "none",
    networkRenderer: "auto",
  } as InstallOptions;
}
