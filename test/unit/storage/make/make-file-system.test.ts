import { beforeEach, describe, expect, test } from "vitest";
import {
  makeFileSystem,
  prepareVolume,
  renderMakeFileSystem,
} from "../../../../src/storage/make/make-file-system.ts";
import { bootDriveVolumes, type Volume } from "../../../../src/storage/plan/plan.ts";
import { commandError, FakeEnvironment } from "../fake-environment.ts";
import { layout, MIB, partition, plan } from "../plan/plan-fixtures.ts";

function volumeFor(changes: Parameters<typeof partition>[1], encrypt = false): Volume {
  const found = plan({
    layout: layout([partition("/"), partition("/srv", { minimumBytes: 64 * MIB, ...changes })], { encrypt }),
  });
  const volume = bootDriveVolumes(found)[1];
  if (volume === undefined) throw new Error("no such volume");
  return volume;
}

test.each([
  [{}, false, "mkfs.ext4 -L /srv -E lazy_itable_init=0,lazy_journal_init=0 /dev/sda2"],
  [
    { bytesPerInode: 8192, reservedBlocksPercentage: 2, rootUserId: 7, rootGroupId: 8 },
    true,
    "mkfs.ext4 -i 8192 -m 2 -L /srv -E lazy_itable_init=0,lazy_journal_init=0,root_owner=7:8 /dev/mapper/sda2",
  ],
  [{ fileSystemType: "vfat" }, false, "mkfs.vfat --codepage=437 -n SRV /dev/sda2"],
] as const)("%j, encrypted %s", (changes, encrypt, line) => {
  const { program, args } = renderMakeFileSystem(volumeFor(changes, encrypt));
  expect([program, ...args].join(" ")).toBe(line);
});

describe("preparing a volume", () => {
  let machine: FakeEnvironment;

  beforeEach(() => {
    machine = new FakeEnvironment();
    machine.addBlockDevice("sda2", 3 * MIB);
  });

  test("what an earlier owner left at either end of the device goes", async () => {
    await prepareVolume(volumeFor({}), true, machine.environment());
    expect(machine.actions).toEqual(["write 3145728 zeroes at 0 of /dev/sda2"]);
  });

  test("an encrypted volume is opened, with discards only if the drive takes them", async () => {
    machine.addBlockDevice("mapper/sda2", MIB);
    await prepareVolume(volumeFor({}, true), true, machine.environment());
    await prepareVolume(volumeFor({}, true), false, machine.environment());
    const opened = machine.actions.filter((action) => action.includes("cryptsetup open"));
    expect(opened).toEqual([
      "run cryptsetup open --type luks --allow-discards --key-file /etc/crypt.key /dev/sda2 sda2 (chroot /tmproot)",
      "run cryptsetup open --type luks --key-file /etc/crypt.key /dev/sda2 sda2 (chroot /tmproot)",
    ]);
  });

  test("a device that does not appear is an error", async () => {
    machine.nodes.delete("/dev/sda2");
    await expect(prepareVolume(volumeFor({}), true, machine.environment())).rejects.toMatchObject({
      code: "E_DEVICE_TIMEOUT",
      message: expect.stringMatching(/^timed out waiting for partition, \d+ opens: \/dev\/sda2$/),
    });
    expect(machine.nowMs).toBeGreaterThan(4900);
  });

  test("a plain file in place of the device is not written to", async () => {
    machine.nodes.set("/dev/sda2", { type: "file", content: "\0".repeat(512) });
    await expect(prepareVolume(volumeFor({}), true, machine.environment())).rejects.toMatchObject({
      code: "E_DEVICE_TIMEOUT",
    });
    expect(machine.actions).toEqual([]);
  });
});

test("a failing mkfs is named", async () => {
  const machine = new FakeEnvironment();
  machine.failing.set("mkfs.ext4", commandError("mkfs.ext4"));
  await expect(makeFileSystem(volumeFor({}), machine.environment())).rejects.toMatchObject({
    code: "E_MAKE_FILE_SYSTEM",
    message: "formatting /dev/sda2 as ext4",
  });
});
