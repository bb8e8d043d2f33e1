import { beforeAll, describe, expect, it } from "vitest";

import { runInInitramfs } from "./run-in-initramfs.ts";

/** Each part prints one line, which the test of the same name looks at: one boot serves them all. */
const SCRIPT = `
echo "pid1: $(cat /proc/1/comm) $(readlink /proc/1/exe)"
echo "version: $(installer -version 2>&1 | head -n 1)"
echo "timestamp: $(cat /build-timestamp) $(stat -c %Y /build-timestamp)"
echo "root: $(stat -c '%a %u' /)"
echo "mounts: $(cut -d ' ' -f 2 /proc/mounts | sort | tr '\\n' ' ')"
echo "drives: $(installer list-drives 2>&1 | tr '\\n' ' ')"
echo "interfaces: $(ls /sys/class/net | tr '\\n' ' ')"
echo "console: $(cat /etc/inittab | grep run-installer)"

modprobe -a loop 8021q bridge xts
modprobe bonding max_bonds=0
ip link add link eth0 name eth0.7 type vlan id 7
ip link add bond0 type bond
ip link add br0 type bridge
echo "links: $(ls /sys/class/net | tr '\\n' ' ')"

[ -e /dev/mapper/control ]
echo "mapper: yes"

dd if=/dev/zero of=/tmp/fat bs=1M count=0 seek=40 2>/dev/null
/bin/busybox mkdosfs /tmp/fat
losetup /dev/loop0 /tmp/fat
mount -t vfat /dev/loop0 /mnt
echo hello >/mnt/hello
umount /mnt
mount /dev/loop0 /mnt
echo "vfat: $(cat /mnt/hello)"
umount /mnt
`;

describe("the initramfs, netbooted on an empty machine", () => {
  const lines = new Map<string, string>();

  beforeAll(async () => {
    for (const line of (await runInInitramfs(SCRIPT, 120_000)).split("\n")) {
      const colon = line.indexOf(": ");
      lines.set(line.slice(0, colon), line.slice(colon + 2).trim());
    }
  });

  it.each<[string, RegExp]>([
    ["pid1", /^init \/bin\/busybox$/],
    ["version", /^installer \d/],
    ["timestamp", /^(\d{10}) \1$/],
    ["root", /^755 0$/],
    ["drives", /^vda$/],
    ["interfaces", /^eth0 lo$/],
    ["console", /^ttyS0::once:\/sbin\/run-installer$/],
    ["links", /^bond0 bonding_masters br0 eth0 eth0\.7 lo$/],
    ["mapper", /^yes$/],
    ["vfat", /^hello$/],
  ])("%s is as it should be", (name, expected) => {
    expect(lines.get(name)).toMatch(expected);
  });

  it("has the kernel's file-systems and tmpfs in place", () => {
    expect(lines.get("mounts")?.split(" ")).toEqual(
      expect.arrayContaining(["/proc", "/sys", "/dev", "/dev/pts", "/run", "/tmp"]),
    );
  });
});
