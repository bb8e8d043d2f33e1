import { beforeEach, describe, expect, test } from "vitest";
import { hintOf, InstallerError, messageChain } from "../../../../src/core/errors.ts";
import { prepareDrives } from "../../../../src/storage/make/prepare-drives.ts";
import type { Command, CommandRunner } from "../../../../src/system/commands.ts";
import { commandError, FakeEnvironment } from "../fake-environment.ts";
import { drive, layout, MIB, partition, plan } from "../plan/plan-fixtures.ts";

let machine: FakeEnvironment;
const driveBytes = 2 ** 34;
const CPU_COUNT = 2;

beforeEach(() => {
  machine = new FakeEnvironment();
  for (const name of ["sda", "sdb"]) machine.addBlockDevice(name, driveBytes);
  machine.afterCommand = ({ program }) => {
    if (program === "parted") showPartitions();
  };
});

/** What parted makes of the plans below. */
function showPartitions(): void {
  machine.addBlockDevice("sda1", 200 * MIB, "sda", MIB);
  machine.addBlockDevice("sda2", driveBytes - 201 * MIB, "sda", 201 * MIB);
}

const storagePlan = plan({ layout: layout([partition("/")]), drives: [drive("sda"), drive("sdb")] });

test("each drive is erased, partitioned and formatted in that order; the result names what took a discard", async () => {
  expect(await prepareDrives(storagePlan, machine.environment(), CPU_COUNT)).toEqual(new Set(["sda", "sdb"]));
  const commandsOn = (device: string) =>
    machine.actions
      .filter((action) => action.startsWith("run ") && action.includes(`/dev/${device}`))
      .map((action) => action.split(" ")[1]);
  expect(commandsOn("sda")).toEqual(["blkdiscard", "parted", "mkfs.ext4", "mkfs.ext4"]);
  expect(commandsOn("sdb")).toEqual(["blkdiscard", "mkfs.ext4"]);
});

test("no drive takes a discard", async () => {
  machine.failing.set("blkdiscard", commandError("blkdiscard"));
  expect(await prepareDrives(storagePlan, machine.environment(), CPU_COUNT)).toEqual(new Set());
});

test("the first failure stops the other drives, and is what the caller sees", async () => {
  machine.failing.set("parted", commandError("parted"));
  const failure = prepareDrives(storagePlan, machine.environment(), CPU_COUNT);
  await expect(failure).rejects.toBeInstanceOf(InstallerError);
  await expect(failure).rejects.toMatchObject({
    message: "partitioning /dev/sda",
    cause: { message: "running parted: exit code 1" },
  });
  expect(machine.actions.some((action) => action.includes("mkfs.ext4") && action.includes("/dev/sda"))).toBe(
    false,
  );
});

test("encryption that fails names the drive, the command and what to try next", async () => {
  machine.failing.set("cryptsetup", commandError("cryptsetup"));
  const encrypted = plan({ layout: layout([partition("/")], { encrypt: true }) });
  const failure = await prepareDrives(encrypted, machine.environment(), CPU_COUNT).catch(
    (error: unknown) => error,
  );
  expect(failure).toMatchObject({ code: "E_ENCRYPT" });
  expect(messageChain(failure)).toBe("encrypting /dev/sda2: running cryptsetup: exit code 1");
  expect(hintOf(failure)).toContain("the tools image needs cryptsetup");
});

describe("how much runs at once", () => {
  /** Runs each command for a moment, and remembers the most of each kind that ran together. */
  class Congestion {
    readonly most = new Map<string, number>();
    readonly #running = new Map<string, number>();

    runner(real: CommandRunner, kindOf: (command: Command) => string): CommandRunner {
      return {
        ...real,
        run: async (command, signal) => {
          const kind = kindOf(command);
          const count = (this.#running.get(kind) ?? 0) + 1;
          this.#running.set(kind, count);
          this.most.set(kind, Math.max(this.most.get(kind) ?? 0, count));
          // Long enough for everything else that may start to have started.
          await new Promise((resolve) => {
            setImmediate(() => setImmediate(resolve));
          });
          this.#running.set(kind, (this.#running.get(kind) ?? 0) - 1);
          if (command.args.includes("open")) machine.addBlockDevice(`mapper/${command.args.at(-1)}`, MIB);
          return real.run(command, signal);
        },
      };
    }
  }

  const encrypted = plan({
    layout: layout(
      ["/", "/a", "/b", "/c"].map((mountPoint) => partition(mountPoint, { minimumBytes: 300 * MIB })),
      { encrypt: true },
    ),
    drives: ["sda", "sdb", "sdc", "sdd"].map((name) => drive(name)) as [ReturnType<typeof drive>],
  });

  async function prepareAll(cpuCount: number, meminfo: string): Promise<Congestion> {
    const congestion = new Congestion();
    for (const name of ["sdc", "sdd"]) machine.addBlockDevice(name, driveBytes);
    machine.addFile("/proc/meminfo", meminfo);
    machine.afterCommand = ({ program }) => {
      if (program !== "parted") return;
      for (const { number, startBytes, endBytes } of encrypted.bootDrive.partitions)
        machine.addBlockDevice(`sda${number}`, endBytes - startBytes, "sda", startBytes);
    };
    const environment = machine.environment();
    const kindOf = ({ program, args }: Command) => {
      if (program !== "mkfs.ext4") return program;
      return /sda\d/.test(args.at(-1) ?? "") ? "mkfs of the boot drive" : "mkfs of data drives";
    };
    const commands = congestion.runner(environment.commands, kindOf);
    await prepareDrives(encrypted, { ...environment, commands }, cpuCount);
    return congestion;
  }

  test("as many keys are derived as there are processors, over all drives", async () => {
    const { most } = await prepareAll(3, "MemAvailable: 99999999 kB\n");
    expect(most.get("cryptsetup")).toBe(3);
  });

  test("little memory: no more keys at once than it holds, but one", async () => {
    expect((await prepareAll(3, "MemAvailable: 2500000 kB\n")).most.get("cryptsetup")).toBe(2);
    machine.removePartitions("sda");
    expect((await prepareAll(3, "MemAvailable: 100000 kB\n")).most.get("cryptsetup")).toBe(1);
  });

  test("one mkfs at a time on the boot drive, any number on the data drives", async () => {
    const { most } = await prepareAll(8, "MemAvailable: 99999999 kB\n");
    expect(most.get("mkfs of the boot drive")).toBe(1);
    expect(most.get("mkfs of data drives")).toBeGreaterThan(1);
  });
});
