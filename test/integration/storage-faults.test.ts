import { basename } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ERROR_CODES } from "../../src/core/error-codes.ts";
import { hintOf, InstallerError, messageChain } from "../../src/core/errors.ts";
import type { Step } from "../../src/engine/step.ts";
import type { Command } from "../../src/system/commands.ts";
import { run } from "../support/scratch.ts";
import { bootDisk } from "./support/boot-disk.ts";
import { type Fault, type FaultMoment, FaultyCommands } from "./support/faulty-commands.ts";
import { InstallationBench } from "./support/installation-bench.ts";
import { LoopDrive } from "./support/loop-drive.ts";

// An installation over a system that boots, by the real steps with a real Debian's tools, in which one external command
// fails. A virtual machine tells whether the boot drive boots afterwards. Takes scripts/build-debian-image.

const MIB = 2 ** 20;
const BOOT_DRIVE_BYTES = 1024 * MIB;
const DATA_DRIVE_BYTES = 256 * MIB;

const LAYOUT = {
  BootDriveLayout: [
    { MountPoint: "/", MinimumFreeBytes: 128 * MIB },
    { FileSystemType: "swap", MinimumBytes: 16 * MIB },
  ],
  ExtraMountPointsBasename: "/data/",
};

/** The commands that prove the drives idle, before the first change. */
const CHECKS = ["blockdev BOOT", "blockdev DATA"];

/** The commands from the first change on, in three groups. When one of these fails, the installation goes on. */
const OPTIONAL = ["blkdiscard BOOT", "blkdiscard DATA", "blockdev BOOT"];
const NEEDED = ["parted BOOT", "mkfs.ext4 BOOTp1", "mkswap BOOTp2", "mkfs.ext4 BOOTp3", "mkfs.ext4 DATA"];
const LAST = "grub-install BOOT";

const MOMENTS: readonly FaultMoment[] = ["before", "after"];

let bench: InstallationBench;
/** A drive with a system that boots. */
let old: LoopDrive;

/** What was run, by `Attempt.describe`. */
interface Ran {
  readonly checks: readonly string[];
  readonly changes: readonly string[];
}

/** The drives of one attempt. */
class Attempt implements Disposable {
  readonly boot: LoopDrive;
  readonly #data = new LoopDrive("data", DATA_DRIVE_BYTES);

  constructor(original?: string) {
    this.boot = new LoopDrive("boot", BOOT_DRIVE_BYTES, 512, original);
  }

  /** Program and drive: `mkfs.ext4 BOOTp1`. */
  describe = ({ program, args }: Command): string => {
    const devices = [
      [this.boot.drive.devicePath, "BOOT"],
      [this.#data.drive.devicePath, "DATA"],
    ] as const;
    const names = args.flatMap((argument) =>
      devices.flatMap(([path, name]) => {
        const rest = argument.startsWith(path) ? argument.slice(path.length) : undefined;
        return rest !== undefined && /^(p\d+)?$/.test(rest) ? [`${name}${rest}`] : [];
      }),
    );
    return [basename(program), ...names].join(" ");
  };

  /** What `describe` calls so, as the kernel does. */
  deviceOf(name: string): string {
    const device = name.split(" ")[1] ?? "";
    return device.replace("BOOT", this.boot.drive.devicePath).replace("DATA", this.#data.drive.devicePath);
  }

  /** One of the commands before the first change (`check`) or from then on (`change`) fails. */
  async install(
    faults: { readonly check?: Fault; readonly change?: Fault } = {},
    until?: string,
  ): Promise<Ran> {
    const checks = new FaultyCommands(bench.commands, this.describe, faults.check);
    const changes = new FaultyCommands(bench.commands, this.describe, faults.change);
    const drives = [this.boot.drive, this.#data.drive] as const;
    const commandsOf = ({ id, destructive }: Pick<Step<unknown, unknown>, "id" | "destructive">) => {
      // Not every kernel reads partition tables by itself; the old partitions have to be there.
      if (id === "prepare-drives") run("partprobe", [this.boot.drive.devicePath]);
      return destructive ? changes : checks;
    };
    await bench.install(drives, LAYOUT, commandsOf, until);
    return { checks: checks.ran, changes: changes.ran };
  }

  async expectNoBoot(): Promise<void> {
    this.boot.flush();
    const shown = await bootDisk(this.boot.file);
    expect(shown).toContain("No bootable device");
    expect(shown).not.toMatch(/GRUB|Loading|Welcome/);
  }

  [Symbol.dispose](): void {
    this.boot[Symbol.dispose]();
    this.#data[Symbol.dispose]();
  }
}

beforeAll(async () => {
  bench = await InstallationBench.create();
  using first = new Attempt();
  await first.install();
  first.boot.flush();
  old = new LoopDrive("old", BOOT_DRIVE_BYTES, 512, first.boot.file);
});

afterAll(async () => {
  old[Symbol.dispose]();
  await bench[Symbol.asyncDispose]();
});

test("the old system boots", async () => {
  expect(await bootDisk(old.file)).toContain("Loading Linux");
});

test("without a fault the drive boots afterwards, and these are all the commands", async () => {
  using attempt = new Attempt(old.file);
  const { checks, changes } = await attempt.install();
  expect(checks).toEqual(CHECKS);
  expect(new Set(changes)).toEqual(new Set([...OPTIONAL, ...NEEDED, LAST]));
  expect(changes.at(-1)).toBe(LAST);
  attempt.boot.flush();
  expect(await bootDisk(attempt.boot.file)).toContain("Loading Linux");
});

describe.each(MOMENTS)("a command fails %s it has done its work", (moment) => {
  test.each([...NEEDED, LAST])(
    "%s: the drive does not boot, and the error names command and device",
    async (command) => {
      using attempt = new Attempt(old.file);
      const failure = await attempt.install({ change: { command, moment } }).catch((error: unknown) => error);
      expectExplained(failure, command, attempt);
      await attempt.expectNoBoot();
    },
  );

  test.each(OPTIONAL)("%s: the installation goes on, and the drive does not boot yet", async (command) => {
    using attempt = new Attempt(old.file);
    const { changes } = await attempt.install({ change: { command, moment } }, "prepare-drives");
    expect(changes).toEqual(expect.arrayContaining([command, ...NEEDED]));
    await attempt.expectNoBoot();
  });

  test.each(CHECKS)(
    "%s, before the first change: not a byte of the boot drive is another",
    async (command) => {
      using attempt = new Attempt(old.file);
      const failure = await attempt.install({ check: { command, moment } }).catch((error: unknown) => error);
      expectExplained(failure, command, attempt);
      attempt.boot.flush();
      run("cmp", [old.file, attempt.boot.file]);
    },
  );
});

test.each([...CHECKS, ...NEEDED, LAST])("%s: the error says what to do next", async (command) => {
  using attempt = new Attempt(old.file);
  const fault: Fault = { command, moment: "before" };
  const faults = CHECKS.includes(command) ? { check: fault } : { change: fault };
  const failure = await attempt.install(faults).catch((error: unknown) => error);
  // That the program has said something is no advice.
  expect(hintOf(failure)).not.toBe(ERROR_CODES.E_COMMAND_FAILED.hint);
});

/** Command, device, exit code, the program's own words, and a hint. */
function expectExplained(failure: unknown, command: string, attempt: Attempt): void {
  expect(failure).toBeInstanceOf(InstallerError);
  const message = messageChain(failure);
  expect(message).toContain(command.split(" ")[0]);
  expect(message).toContain(attempt.deviceOf(command));
  expect(message).toContain("exit code 1: injected");
  expect(hintOf(failure)).toMatch(/\w+ \w+/);
}
