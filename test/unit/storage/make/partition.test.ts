import { beforeEach, describe, expect, test } from "vitest";
import { makePartitions } from "../../../../src/storage/make/partition.ts";
import { renderPartitionCommand } from "../../../../src/storage/make/partition-table.ts";
import type { StoragePlan } from "../../../../src/storage/plan/plan.ts";
import { commandError, FakeEnvironment } from "../fake-environment.ts";
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
  const drive = 16 * 1024 * MIB;
  const planned: readonly Place[] = [
    { startBytes: MIB, sizeBytes: 200 * MIB },
    { startBytes: 201 * MIB, sizeBytes: drive - 201 * MIB },
  ];
  let machine: FakeEnvironment;

  beforeEach(() => {
    machine = new FakeEnvironment();
    machine.addBlockDevice("sda", drive);
  });

  const make = async () => makePartitions(storagePlan.bootDrive, "bios", machine.environment());

  const show = (places: readonly Place[]) =>
    places.forEach(({ startBytes, sizeBytes }, index) => {
      machine.addBlockDevice(`sda${index + 1}`, sizeBytes, "sda", startBytes);
    });

  test("the drive is left without working boot code", async () => {
    machine.afterCommand = () => show(planned);
    await make();
    expect(machine.actions.slice(1)).toEqual(["write 440 bytes at 0 of /dev/sda"]);
  });

  test("a kernel that is slow to show partitions is asked again, in two ways", async () => {
    machine.afterCommand = ({ program }) => {
      if (program === "partprobe") show(planned);
    };
    await make();
    expect(machine.actions.slice(2)).toEqual([
      "run blockdev --rereadpt /dev/sda (chroot /tmproot)",
      "run partprobe /dev/sda (chroot /tmproot)",
    ]);
  });

  test("a partitioner that fails is an error that names the drive", async () => {
    machine.failing.set("parted", commandError("parted"));
    await expect(make()).rejects.toMatchObject({
      code: "E_PARTITION_TABLE",
      message: "partitioning /dev/sda",
      cause: { message: "running parted: exit code 1" },
    });
  });

  test("partitions that never appear are an error, with why the kernel could not be asked", async () => {
    machine.failing.set("blockdev", commandError("blockdev"));
    machine.failing.set("partprobe", commandError("partprobe"));
    await expect(make()).rejects.toMatchObject({
      code: "E_PARTITION_TABLE",
      message: "waiting for the kernel to show partition sda1 of /dev/sda",
      cause: { code: "E_COMMAND_FAILED" },
    });
    expect(machine.nowMs).toBeLessThan(11_000);
  });

  test.each<[what: string, place: Place]>([
    ["smaller", { startBytes: MIB, sizeBytes: 100 * MIB }],
    ["larger", { startBytes: MIB, sizeBytes: 300 * MIB }],
    ["elsewhere", { startBytes: 63 * 512, sizeBytes: 200 * MIB }],
  ])("an old partition is not taken for the new one: %s", async (_what, place) => {
    machine.afterCommand = () => show([place]);
    await expect(make()).rejects.toMatchObject({
      code: "E_PARTITION_TABLE",
      message:
        "waiting for the kernel to show partition sda1 of /dev/sda: " +
        `it has ${place.sizeBytes} bytes at ${place.startBytes}, planned were ${200 * MIB} at ${MIB}`,
    });
  });

  test("an old partition gives way to the new one once the kernel has read the table again", async () => {
    machine.afterCommand = ({ program }) => {
      if (program === "parted") show([{ startBytes: MIB, sizeBytes: 100 * MIB }]);
      if (program === "blockdev") show(planned);
    };
    await expect(make()).resolves.toBeUndefined();
  });
});

interface Place {
  readonly startBytes: number;
  readonly sizeBytes: number;
}
