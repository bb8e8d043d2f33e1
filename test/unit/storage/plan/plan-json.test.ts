import { expect, test } from "vitest";
import type { PlanFacts } from "../../../../src/storage/plan/plan-facts.ts";
import { renderPlanJson } from "../../../../src/storage/plan/plan-json.ts";
import { drive, GIB, layout, MIB, ordinaryPartitions, partition, plan } from "./plan-fixtures.ts";

const facts: PlanFacts = {
  contents: new Map([
    [
      "sda",
      {
        drive: { name: "sda", signatures: [{ type: "gpt", text: "GPT", offsetBytes: 512 }] },
        partitions: [],
      },
    ],
  ]),
  release: ["before erasing: switch off swap on /dev/sda2"],
  warnings: ["look out"],
};

const encryptedEfi = plan({
  drives: [drive("sda", { serial: "S1", transport: "nvme" }), drive("sdb")],
  firmware: "efi",
  layout: layout([partition("/", { minimumBytes: GIB })], { encrypt: true }),
});

test("programs get the documented keys, and no others", () => {
  const found = JSON.parse(renderPlanJson("debian/1", encryptedEfi, facts));
  expect(found).toMatchObject({
    version: 1,
    image: "debian/1",
    firmware: "efi",
    mountBy: "label",
    release: ["before erasing: switch off swap on /dev/sda2"],
    notes: ["adding implied last partition: /data/0"],
    warnings: ["look out"],
  });
  expect(Object.keys(found)).toEqual(
    "version image firmware mountBy drives fstab crypttab commands release notes warnings".split(" "),
  );
  const [boot, data] = found.drives;
  expect(boot).toMatchObject({
    name: "sda",
    devicePath: "/dev/sda",
    serial: "S1",
    wwn: null,
    model: null,
    path: null,
    transport: "nvme",
    sizeBytes: 16 * GIB,
    role: "boot",
    carries: ["GPT"],
    tableType: "gpt",
  });
  expect(boot.partitions[2]).toEqual({
    number: 3,
    startBytes: boot.partitions[1].endBytes,
    endBytes: 16 * GIB - MIB,
    sizeBytes: 16 * GIB - MIB - boot.partitions[1].endBytes,
    purpose: "data",
    type: "ext4",
    label: "/data/0",
    uuid: null,
    encrypted: true,
    mountPoint: "/data/0",
    device: "/dev/sda3",
    fileSystemDevice: "/dev/mapper/sda3",
  });
  expect(data).toMatchObject({ name: "sdb", role: "data", tableType: null, carries: [] });
  expect(data.partitions).toMatchObject([
    { number: null, startBytes: 0, endBytes: 16 * GIB, mountPoint: "/data/1", device: "/dev/sdb" },
  ]);
});

test("mount tables and commands are those of an installation on drives that take a discard", () => {
  const { fstab, crypttab, commands } = JSON.parse(renderPlanJson("debian/1", encryptedEfi, facts));
  expect(fstab).toContain("LABEL=rootfs           /          ext4  discard    0 1\n");
  expect(crypttab.split("\n")[0]).toBe("sda3            /dev/sda3               /etc/crypt.key  discard");
  expect(commands.slice(0, 2)).toMatchObject([
    { drive: "sda", purpose: "discard /dev/sda", line: expect.stringMatching(/^blkdiscard .*\/dev\/sda$/) },
    {
      drive: "sda",
      line: expect.stringContaining("parted -s -a optimal /dev/sda mklabel gpt mkpart primary fat32 1MiB"),
    },
  ]);
  expect(commands.filter((command: { drive: string }) => command.drive === "sdb")).toHaveLength(4);
});

test("without encryption there is no crypttab; GRUB's own area has no file-system", () => {
  const partitions = [partition("/boot", { minimumBytes: MIB }), ...ordinaryPartitions];
  const { crypttab, drives } = JSON.parse(renderPlanJson("i", plan({ layout: layout(partitions) }), facts));
  expect(crypttab).toBeNull();
  expect(drives[0].partitions.at(-1)).toMatchObject({
    number: 6,
    purpose: "bios-boot",
    type: null,
    device: null,
    startBytes: MIB,
  });
});
