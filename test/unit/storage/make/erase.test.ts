import { beforeEach, expect, test } from "vitest";
import { InstallerError } from "../../../../src/core/errors.ts";
import { eraseDrive } from "../../../../src/storage/make/erase.ts";
import { commandError, FakeEnvironment } from "../fake-environment.ts";
import { drive, GIB, MIB } from "../plan/plan-fixtures.ts";

let machine: FakeEnvironment;

beforeEach(() => {
  machine = new FakeEnvironment();
  machine.addBlockDevice("sda", GIB);
});

const sda = drive("sda", { sizeBytes: GIB });
const erasedEnds = [
  "write 1048576 zeroes at 0 of /dev/sda",
  `write 1048576 zeroes at ${GIB - MIB} of /dev/sda`,
];

test("boot code and signatures go first, and again after the discard, which may bring them back", async () => {
  expect(await eraseDrive(sda, machine.environment())).toBe(true);
  expect(machine.actions).toEqual([...erasedEnds, "run blkdiscard /dev/sda", ...erasedEnds]);
  expect(machine.logged).toEqual(["discarded /dev/sda in 0.000s"]);
});

test("a drive without discard is erased all the same, and the log says why", async () => {
  machine.failing.set("blkdiscard", commandError("blkdiscard"));
  expect(await eraseDrive(sda, machine.environment())).toBe(false);
  expect(machine.actions).toEqual([...erasedEnds, "run blkdiscard /dev/sda"]);
  expect(machine.logged).toEqual(["cannot discard /dev/sda"]);
});

test("a cancelled discard is not taken for a drive without", async () => {
  machine.failing.set("blkdiscard", new InstallerError("E_CANCELLED", "stopped"));
  await expect(eraseDrive(sda, machine.environment())).rejects.toMatchObject({ code: "E_CANCELLED" });
});

test("a drive that cannot be written is an error", async () => {
  machine.nodes.delete("/dev/sda");
  await expect(eraseDrive(sda, machine.environment())).rejects.toMatchObject({
    code: "E_DRIVE_ERASE",
    message: "erasing the ends of /dev/sda",
  });
});

test("a drive smaller than what is erased", async () => {
  await eraseDrive({ ...sda, sizeBytes: 512 }, machine.environment());
  expect(machine.actions[0]).toBe("write 512 zeroes at 0 of /dev/sda");
  expect(machine.actions[1]).toBe("run blkdiscard /dev/sda");
});
