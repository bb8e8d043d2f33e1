import { beforeEach, expect, test } from "vitest";
import { InstallerError } from "../../../../src/core/errors.ts";
import { prepareDrives } from "../../../../src/storage/make/prepare-drives.ts";
import { commandError, FakeEnvironment } from "../fake-environment.ts";
import { drive, layout, MIB, partition, plan } from "../plan/plan-fixtures.ts";

let machine: FakeEnvironment;

beforeEach(() => {
  machine = new FakeEnvironment();
  for (const name of ["sda", "sdb"]) machine.addBlockDevice(name, 2 ** 34);
  machine.addBlockDevice("sda1", 200 * MIB, "sda");
  machine.addBlockDevice("sda2", 2 ** 34 - 201 * MIB, "sda");
});

const storagePlan = plan({ layout: layout([partition("/")]), drives: [drive("sda"), drive("sdb")] });

test("each drive is erased, partitioned and formatted in that order; the result names what took a discard", async () => {
  expect(await prepareDrives(storagePlan, machine.environment())).toEqual(new Set(["sda", "sdb"]));
  const commandsOn = (device: string) =>
    machine.actions
      .filter((action) => action.startsWith("run ") && action.includes(`/dev/${device}`))
      .map((action) => action.split(" ")[1]);
  expect(commandsOn("sda")).toEqual(["blkdiscard", "parted", "mkfs.ext4", "mkfs.ext4"]);
  expect(commandsOn("sdb")).toEqual(["blkdiscard", "mkfs.ext4"]);
});

test("no drive takes a discard", async () => {
  machine.failing.set("blkdiscard", commandError("blkdiscard"));
  expect(await prepareDrives(storagePlan, machine.environment())).toEqual(new Set());
});

test("the first failure stops the other drives, and is what the caller sees", async () => {
  machine.failing.set("parted", commandError("parted"));
  const failure = prepareDrives(storagePlan, machine.environment());
  await expect(failure).rejects.toBeInstanceOf(InstallerError);
  await expect(failure).rejects.toMatchObject({ message: "running parted: exit code 1" });
  expect(machine.actions.some((action) => action.includes("mkfs.ext4") && action.includes("/dev/sda"))).toBe(
    false,
  );
});
