import { expect, test } from "vitest";
import { formatPlan } from "../../../../src/storage/plan/format-plan.ts";
import { drive, layout, MIB, ordinaryPartitions, partition, plan } from "./plan-fixtures.ts";

test("people see which drive is meant and what will be on it", () => {
  const drives = [drive("sda", { model: "FAST SSD", serial: "S1" }), drive("sdb")] as const;
  expect(formatPlan(plan({ drives, layout: layout(undefined, { encrypt: true }) }))).toEqual([
    "adding implied last partition: /data/0",
    "boot drive /dev/sda (16 GiB, FAST SSD, serial S1): will be erased; MBR partition table, BIOS",
    "  /dev/sda1: 2148 MiB ext4 labelled rootfs on / (1 MiB to 2149 MiB)",
    "  /dev/sda2: 1 GiB encrypted ext4 labelled /home on /home (2149 MiB to 3173 MiB)",
    "  /dev/sda3: 512 MiB encrypted ext4 labelled /var/log on /var/log (3173 MiB to 3685 MiB)",
    "  /dev/sda4: 12699 MiB encrypted ext4 labelled /data/0 on /data/0 (3685 MiB to 16 GiB)",
    "data drive /dev/sdb (16 GiB): will be erased",
    "  /dev/sdb: 16 GiB encrypted ext4 labelled /data/1 on /data/1",
  ]);
});

test("GRUB's own area and the reason for it are shown", () => {
  const lines = formatPlan(
    plan({ layout: layout([partition("/boot", { minimumBytes: MIB }), ...ordinaryPartitions]) }),
  );
  expect(lines).toContain("using a GPT with a BIOS boot partition: an MBR has no room for 5 partitions");
  expect(lines).toContain("  partition 6 (1 MiB to 2 MiB): BIOS boot area of GRUB");
});
