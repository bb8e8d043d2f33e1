import { beforeEach, describe, expect, test } from "vitest";
import { makePartitions } from "../../../../src/storage/make/partition.ts";
import { renderPartitionCommand } from "../../../../src/storage/make/partition-table.ts";
import type { StoragePlan } from "../../../../src/storage/plan/plan.ts";
import { FakeEnvironment } from "../fake-environment.ts";
import { layout, MIB, ordinaryPartitions, partition, plan } from "../plan/plan-fixtures.ts";

test.each<[name: string, StoragePlan, line: string]>([
  [
    "MBR",
    plan(),
    "mklabel msdos mkpart primary ext4 1MiB 2149MiB mkpart primary ext4 2149MiB 3173MiB mkpart primary ext4 3173MiB 3685MiB mkpart primary ext4 3685MiB 100% set 1 boot on",
  ],
  [
    "EFI",
    plan({ firmware: "efi", layout: layout([partition("/")]) }),
    "mklabel gpt mkpart primary fat32 1MiB 129MiB mkpart primary ext4 129MiB 329MiB mkpart primary ext4 329MiB 100% set 1 esp on",
  ],
  [
    "GPT with BIOS",
    plan({ layout: layout([...ordinaryPartitions, partition("/srv", { minimumBytes: MIB })]) }),
    "mklabel gpt mkpart primary ext4 2MiB 2150MiB mkpart primary ext4 2150MiB 3174MiB mkpart primary ext4 3174MiB 3686MiB mkpart primary ext4 3686MiB 3687MiB mkpart primary ext4 3687MiB 100% mkpart primary 1MiB 2MiB set 6 bios_grub on disk_set pmbr_boot on",
  ],
])("%s: one run of parted", (_name, { bootDrive, firmware }, line) => {
  const { program, args } = renderPartitionCommand(bootDrive, firmware);
  expect([program, ...args].join(" ")).toBe(`parted -s -a optimal /dev/sda ${line}`);
});

describe("making partitions", () => {
  const storagePlan = plan({ layout: layout([partition("/")]) });
  const sizes = [200 * MIB, 16 * 1024 * MIB - 201 * MIB];
  let machine: FakeEnvironment;

  beforeEach(() => {
    machine = new FakeEnvironment();
    machine.addBlockDevice("sda", 16 * 1024 * MIB);
  });

  const make = async () => makePartitions(storagePlan.bootDrive, "bios", machine.environment());

  const show = (partitionSizes: readonly number[]) =>
    partitionSizes.forEach((sizeBytes, index) => {
      machine.addBlockDevice(`sda${index + 1}`, sizeBytes, "sda");
    });

  test("the drive is left without working boot code", async () => {
    machine.afterCommand = () => show(sizes);
    await make();
    expect(machine.actions.slice(1)).toEqual(["write 440 bytes at 0 of /dev/sda"]);
  });

  test("a kernel that is slow to show partitions is asked again", async () => {
    let asked = 0;
    machine.afterCommand = ({ program }) => {
      if (program === "partprobe" && ++asked === 2) show(sizes);
    };
    await make();
    expect(machine.actions.slice(2)).toEqual([
      "run partprobe /dev/sda (chroot /tmproot)",
      "run partprobe /dev/sda (chroot /tmproot)",
    ]);
  });

  test("partitions that never appear are an error", async () => {
    await expect(make()).rejects.toMatchObject({
      code: "E_PARTITION_TABLE",
      message: "waiting for the kernel to show partition sda1",
    });
    expect(machine.nowMs).toBeLessThan(11_000);
  });

  test("a partition much smaller than planned is an error: the kernel still has the old table", async () => {
    machine.afterCommand = () => show([100 * MIB, 1]);
    await expect(make()).rejects.toMatchObject({
      code: "E_PARTITION_TABLE",
      message: `checking partition sda1: it has ${100 * MIB} bytes, planned were ${200 * MIB}`,
    });
  });
});
