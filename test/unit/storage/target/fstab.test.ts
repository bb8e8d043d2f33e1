import { describe, expect, test } from "vitest";
import { renderCrypttab, renderFstab, renderFstabLine } from "../../../../src/storage/target/fstab.ts";
import { parseMountTable } from "../../../../src/system/mount-table.ts";
import { drive, layout, MIB, ordinaryPartitions, partition, plan } from "../plan/plan-fixtures.ts";

describe("a line", () => {
  const entry = {
    source: "LABEL=rootfs",
    mountPoint: "/",
    type: "ext4",
    options: "",
    dumpFrequency: 0,
    fsckPass: 1,
  };
  test.each([
    [{}, "LABEL=rootfs           /          ext4  defaults   0 1\n"],
    [
      { source: "LABEL=/var/log", mountPoint: "/var/log", options: "discard", fsckPass: 3 },
      "LABEL=/var/log         /var/log   ext4  discard    0 3\n",
    ],
    [
      {
        source: "LABEL=averyveryverylonglabelname",
        mountPoint: "/a/very/long/mp",
        options: "discard",
        fsckPass: 2,
      },
      "LABEL=averyveryverylonglabelname /a/very/long/mp ext4  discard    0 2\n",
    ],
  ])("%j", (changes, line) => {
    expect(renderFstabLine({ ...entry, ...changes })).toBe(line);
  });

  test("blanks and backslashes survive being read again", () => {
    const mountPoint = "/a b\\040\tc";
    const [read] = parseMountTable(renderFstabLine({ ...entry, mountPoint }));
    expect(read?.mountPoint).toBe(mountPoint);
  });
});

const twoDrives = {
  drives: [drive("sda"), drive("sdb")] as const,
  layout: layout([
    partition("/home", { minimumBytes: MIB }),
    partition("/", { minimumBytes: MIB }),
    partition("/shared", { minimumBytes: MIB, fileSystemType: "vfat" }),
  ]),
};

test("the root comes first, vfat is not mounted at boot, discards only where the drive takes them", () => {
  expect(renderFstab(plan(twoDrives), new Set(["sdb"]))).toBe(
    [
      "LABEL=rootfs           /          ext4  defaults   0 1",
      "LABEL=/home            /home      ext4  defaults   0 2",
      "LABEL=SHARED           /shared    vfat  noauto     0 3",
      "LABEL=/data/0          /data/0    ext4  defaults   0 4",
      "LABEL=/data/1          /data/1    ext4  discard    0 2",
      "",
    ].join("\n"),
  );
});

test("crypttab has the encrypted volumes; nothing without encryption", () => {
  const encrypted = plan({ ...twoDrives, layout: layout(ordinaryPartitions, { encrypt: true }) });
  expect(renderCrypttab(encrypted, new Set(["sda"]))).toBe(
    [
      "sda2            /dev/sda2               /etc/crypt.key  discard",
      "sda3            /dev/sda3               /etc/crypt.key  discard",
      "sda4            /dev/sda4               /etc/crypt.key  discard",
      "sdb             /dev/sdb                /etc/crypt.key  ",
      "",
    ].join("\n"),
  );
  expect(renderCrypttab(plan(twoDrives), new Set(["sda"]))).toBe("");
});
