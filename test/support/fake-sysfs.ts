import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface FakeDrive {
  /** Kernel name of a real block device, such as a loop device. */
  readonly name: string;
  readonly model?: string;
  readonly serial?: string;
}

/**
 * A sysfs in which real loop devices look like virtio drives, the first in the list first on the bus; their sizes,
 * sectors and partitions are the kernel's.
 */
export function makeFakeSysfs(root: string, drives: readonly FakeDrive[]): string {
  mkdirSync(join(root, "class/block"), { recursive: true });
  for (const [index, { name, model = "", serial = "" }] of drives.entries()) {
    const slot = `0000:00:${String(index + 4).padStart(2, "0")}.0`;
    const place = `devices/pci0000:00/${slot}/virtio${index}/block/${name}`;
    const entry = join(root, place);
    const real = `/sys/class/block/${name}`;
    mkdirSync(join(entry, "device"), { recursive: true });
    mkdirSync(join(entry, "queue"));
    symlinkSync(`../../${place}`, join(root, "class/block", name));
    for (const attribute of ["size", "ro", "removable", "dev"])
      copyText(join(real, attribute), join(entry, attribute));
    for (const attribute of ["logical_block_size", "physical_block_size", "rotational"])
      copyText(join(real, "queue", attribute), join(entry, "queue", attribute));
    writeFileSync(join(entry, "device/model"), model);
    writeFileSync(join(entry, "serial"), serial);
    for (const partition of readdirSync(real).filter((child) => child.startsWith(`${name}p`))) {
      mkdirSync(join(entry, partition));
      symlinkSync(`../../${place}/${partition}`, join(root, "class/block", partition));
      for (const attribute of ["partition", "start", "size", "dev"])
        copyText(join(real, partition, attribute), join(entry, partition, attribute));
    }
  }
  return root;
}

function copyText(from: string, to: string): void {
  writeFileSync(to, readFileSync(from));
}
