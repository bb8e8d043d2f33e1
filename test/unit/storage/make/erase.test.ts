import { beforeEach, expect, test } from "vitest";
import { InstallerError } from "../../../../src/core/errors.ts";
import { eraseDrive, verifyWiped } from "../../../../src/storage/make/erase.ts";
import { commandError, FakeEnvironment } from "../fake-environment.ts";
import { drive, GIB, MIB } from "../plan/plan-fixtures.ts";

let machine: FakeEnvironment;

beforeEach(() => {
  machine = new FakeEnvironment();
  machine.addBlockDevice("sda", GIB);
});

const sda = drive("sda", { sizeBytes: GIB });
/** The start with the second header of LUKS2, the first mirror of btrfs, the end. */
const erased = [
  "write 4194304 zeroes at 0 of /dev/sda",
  "write 4096 zeroes at 4194304 of /dev/sda",
  `write 4096 zeroes at ${64 * MIB} of /dev/sda`,
  `write 1048576 zeroes at ${GIB - MIB} of /dev/sda`,
];

test("boot code and signatures go first, and again after the discard, which may bring them back", async () => {
  expect(await eraseDrive(sda, machine.environment())).toBe(true);
  expect(machine.actions).toEqual([...erased, "run blkdiscard /dev/sda", ...erased]);
  expect(machine.logged).toEqual(["discarded /dev/sda in 0.000s"]);
});

test("a drive without discard is erased all the same, and the log says why", async () => {
  machine.failing.set("blkdiscard", commandError("blkdiscard"));
  expect(await eraseDrive(sda, machine.environment())).toBe(false);
  expect(machine.actions).toEqual([...erased, "run blkdiscard /dev/sda"]);
  expect(machine.logged).toEqual(["cannot discard /dev/sda; old signatures were overwritten with zeroes"]);
});

test("a cancelled discard is not taken for a drive without", async () => {
  machine.failing.set("blkdiscard", new InstallerError("E_CANCELLED", "stopped"));
  await expect(eraseDrive(sda, machine.environment())).rejects.toMatchObject({ code: "E_CANCELLED" });
});

test("a drive that cannot be written is an error", async () => {
  machine.nodes.delete("/dev/sda");
  await expect(eraseDrive(sda, machine.environment())).rejects.toMatchObject({
    code: "E_DRIVE_ERASE",
    message: "erasing what old systems left on /dev/sda, at byte 0",
  });
});

test("a drive smaller than what is erased", async () => {
  await eraseDrive({ ...sda, sizeBytes: 512 }, machine.environment());
  expect(machine.actions.slice(0, 2)).toEqual([
    "write 512 zeroes at 0 of /dev/sda",
    "run blkdiscard /dev/sda",
  ]);
});

test("the RAID in an old partition does not come back: both ends of the partition are erased", async () => {
  machine.addBlockDevice("sda1", 100 * MIB, "sda", 256 * MIB);
  machine.afterCommand = ({ program }) => {
    if (program === "blockdev") machine.removePartitions("sda");
  };
  await eraseDrive(sda, machine.environment());
  expect(machine.actions).toContain(`write 4194304 zeroes at ${256 * MIB} of /dev/sda`);
  expect(machine.actions).toContain(`write 1048576 zeroes at ${355 * MIB} of /dev/sda`);
});

test("the kernel forgets the old partitions before new ones are made, asked in two ways", async () => {
  machine.addBlockDevice("sda1", 100 * MIB, "sda", MIB);
  machine.failing.set("blockdev", commandError("blockdev"));
  machine.afterCommand = ({ program }) => {
    if (program === "partprobe") machine.removePartitions("sda");
  };
  await eraseDrive(sda, machine.environment());
  expect(machine.actions.slice(-2)).toEqual([
    "run blockdev --rereadpt /dev/sda (chroot /tmproot)",
    "run partprobe /dev/sda (chroot /tmproot)",
  ]);
});

test("old partitions that the kernel keeps are an error that names them", async () => {
  machine.addBlockDevice("sda1", 100 * MIB, "sda", MIB);
  await expect(eraseDrive(sda, machine.environment())).rejects.toMatchObject({
    code: "E_PARTITION_TABLE",
    message: "waiting for the kernel to forget the old partitions of /dev/sda: it still shows sda1",
  });
  expect(machine.nowMs).toBeLessThan(11_000);
});

test("a tools image with neither blockdev nor partprobe leaves it to the partitioner", async () => {
  machine.addBlockDevice("sda1", 100 * MIB, "sda", MIB);
  for (const program of ["blockdev", "partprobe"])
    machine.failing.set(program, new InstallerError("E_COMMAND_NOT_FOUND", program));
  await eraseDrive(sda, machine.environment());
  expect(machine.nowMs).toBeLessThan(100);
});

test("a drive that does not keep the zeroes is an error: what it still shows is named", async () => {
  const bytes = Buffer.alloc(MIB);
  bytes.write("LABELONE", 512, "latin1");
  bytes.write("LVM2 001", 512 + 24, "latin1");
  machine.nodes.set("/dev/sda", { type: "block", content: bytes.toString("latin1") });
  await expect(eraseDrive(sda, machine.environment())).rejects.toMatchObject({
    code: "E_DRIVE_ERASE",
    message: expect.stringMatching(/^checking that \/dev\/sda is erased: at byte 5\d\d there is still LVM/),
  });
});

test("the check looks into what were partitions", async () => {
  const bytes = Buffer.alloc(3 * MIB);
  bytes.write("XFSB", 2 * MIB, "latin1");
  machine.nodes.set("/dev/sda", { type: "block", content: bytes.toString("latin1") });
  const old = { name: "sda1", startBytes: 2 * MIB, sizeBytes: 2 * GIB };
  await expect(verifyWiped(sda, [old], machine.environment())).rejects.toMatchObject({
    message: expect.stringContaining(`at byte ${2 * MIB} there is still`),
  });
});
