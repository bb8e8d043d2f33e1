import { expect, test } from "vitest";
import type { DriveContents } from "../../../../src/storage/drives/drive-contents.ts";
import { formatPlan } from "../../../../src/storage/plan/format-plan.ts";
import { type PlanFacts, warnOfMembers } from "../../../../src/storage/plan/plan-facts.ts";
import { drive, layout, MIB, ordinaryPartitions, partition, plan } from "./plan-fixtures.ts";

const nothingKnown: PlanFacts = { contents: new Map(), release: [], warnings: [] };

const fastDrive = drive("sda", {
  model: "FAST SSD",
  serial: "S1",
  wwn: "naa.5002538e40a2b0c1",
  path: "pci-0000:00:1f.2-ata-1",
  transport: "sata",
});

function contents(...names: readonly (readonly [string, string, string?])[]): DriveContents {
  const devices = names.map(([name, text, memberOf]) => ({
    name,
    signatures: [{ type: text, text, offsetBytes: 0, ...(memberOf === undefined ? {} : { memberOf }) }],
  }));
  const [first = { name: "", signatures: [] }, ...partitions] = devices;
  return { drive: first, partitions };
}

test("BIOS: people see which drive is meant, what it carries and what will be on it", () => {
  const facts = {
    ...nothingKnown,
    contents: new Map([["sda", contents(["sda", "MBR"], ["sda1", 'ext4 "rootfs"'], ["sda2", "LUKS2"])]]),
  };
  expect(formatPlan(plan({ drives: [fastDrive] }), facts)).toEqual([
    "adding implied last partition: /data/0",
    "boot drive /dev/sda: will be erased; MBR partition table, BIOS",
    "  drive: 16 GiB; sata; model FAST SSD; serial S1; wwn naa.5002538e40a2b0c1; path pci-0000:00:1f.2-ata-1",
    '  now:   MBR; sda1: ext4 "rootfs"; sda2: LUKS2',
    "  no.  device         from        to       size  type  label     encrypted  mounted on",
    "    1  /dev/sda1     1 MiB  2149 MiB   2148 MiB  ext4  rootfs    no         /",
    "    2  /dev/sda2  2149 MiB  3173 MiB      1 GiB  ext4  /home     no         /home",
    "    3  /dev/sda3  3173 MiB  3685 MiB    512 MiB  ext4  /var/log  no         /var/log",
    "    4  /dev/sda4  3685 MiB    16 GiB  12699 MiB  ext4  /data/0   no         /data/0",
  ]);
});

test("EFI with encryption and a data drive: taking down and warnings come last", () => {
  const drives = [fastDrive, drive("sdb")] as const;
  const storage = plan({ drives, firmware: "efi", layout: layout(undefined, { encrypt: true }) });
  const found = new Map([["sdb", contents(["sdb", "LVM physical volume of group vg0", "LVM group vg0"])]]);
  const facts = {
    contents: found,
    release: ["before erasing: deactivate logical volume vg0-home on sdb"],
    warnings: warnOfMembers(storage, found),
  };
  expect(formatPlan(storage, facts).slice(1)).toEqual([
    "boot drive /dev/sda: will be erased; GPT partition table, EFI",
    "  drive: 16 GiB; sata; model FAST SSD; serial S1; wwn naa.5002538e40a2b0c1; path pci-0000:00:1f.2-ata-1",
    "  now:   nothing that is known",
    "  no.  device         from         to       size  type  label     encrypted  mounted on",
    "    1  /dev/sda1     1 MiB    129 MiB    128 MiB  vfat  EFI       no         /mnt/efi",
    "    2  /dev/sda2   129 MiB   2277 MiB   2148 MiB  ext4  rootfs    no         /",
    "    3  /dev/sda3  2277 MiB   3301 MiB      1 GiB  ext4  /home     LUKS2      /home",
    "    4  /dev/sda4  3301 MiB   3813 MiB    512 MiB  ext4  /var/log  LUKS2      /var/log",
    "    5  /dev/sda5  3813 MiB  16383 MiB  12570 MiB  ext4  /data/0   LUKS2      /data/0",
    "data drive /dev/sdb: will be erased; one file-system without a partition table",
    "  drive: 16 GiB",
    "  now:   LVM physical volume of group vg0",
    "  no.  device    from      to    size  type  label    encrypted  mounted on",
    "    -  /dev/sdb   0 B  16 GiB  16 GiB  ext4  /data/1  LUKS2      /data/1",
    "before erasing: deactivate logical volume vg0-home on sdb",
    "warning: /dev/sdb is part of LVM group vg0, which loses it",
  ]);
});

test("GRUB's own area and the reason for it are shown", () => {
  const lines = formatPlan(
    plan({ layout: layout([partition("/boot", { minimumBytes: MIB }), ...ordinaryPartitions]) }),
    nothingKnown,
  );
  expect(lines).toContain("using a GPT with a BIOS boot partition: an MBR has no room for 5 partitions");
  expect(lines.at(-1)).toMatch(/^ {4}6 {2}- +1 MiB +2 MiB +1 MiB {2}BIOS boot area of GRUB$/);
});

test("a drive with many partitions is told in lines that fit, and nothing is left out", () => {
  const names = Array.from({ length: 30 }, (_, index) => [`sda${index + 1}`, 'ext4 "some-label"'] as const);
  const facts = { ...nothingKnown, contents: new Map([["sda", contents(["sda", "GPT"], ...names)]]) };
  const lines = formatPlan(plan({ drives: [fastDrive] }), facts);
  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(110);
  expect(lines.join(" ").match(/sda\d+: ext4 "some-label"/g)).toHaveLength(30);
});
