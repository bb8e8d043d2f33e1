import { describe, expect, test } from "vitest";
import { readMachineFacts, UNKNOWN_MACHINE } from "../../../../src/engine/machine/read-machine-facts.ts";
import { MemoryFileSystem } from "../../../support/memory-file-system.ts";

const ROOTS = { sysfs: "/sys", proc: "/proc" };

const SERVER: Readonly<Record<string, string>> = {
  "/sys/class/dmi/id/sys_vendor": "Acme Inc.\n",
  "/sys/class/dmi/id/product_name": "Rack\u001b[31mServer 1U  \n",
  "/sys/class/dmi/id/product_serial": "To Be Filled By O.E.M.\n",
  "/sys/class/dmi/id/chassis_serial": "CH-0042\n",
  "/sys/firmware/efi/": "",
  "/proc/cpuinfo":
    "processor\t: 0\nmodel name\t: Acme(R) CPU @ 3.00GHz\n\nprocessor\t: 1\nmodel name\t: Acme(R) CPU @ 3.00GHz\n",
  "/proc/meminfo": "MemTotal:       16384256 kB\nMemFree:         1000 kB\nMemAvailable:   12000000 kB\n",
  "/proc/sys/kernel/osrelease": "6.12.0-amd64\n",
};

/** Block devices with the targets of their links. */
const DRIVES: Readonly<Record<string, { readonly link: string; readonly files: Record<string, string> }>> = {
  sda: {
    link: "../devices/pci0000:00/0000:00:17.0/ata1/host0/target0:0:0/0:0:0:0/block/sda",
    files: {
      size: "1000215216\n",
      "device/model": "ACME SSD 512     \n",
      "device/vpd_pg80": "\0\x80\0\x08SER-0001",
    },
  },
  sdb: {
    link: "../devices/pci0000:00/0000:00:14.0/usb1/1-1/1-1:1.0/host6/target6:0:0/6:0:0:0/block/sdb",
    files: { size: "2048\n", "device/model": "Stick\n" },
  },
  nvme10n1: {
    link: "../devices/pci0000:00/0000:00:1d.0/nvme/nvme10/nvme10n1",
    files: { size: "16\n", "device/model": "NVMe\n", "device/serial": "N10  \n" },
  },
  nvme2n1: {
    link: "../devices/pci0000:00/0000:00:1c.0/nvme/nvme2/nvme2n1",
    files: { size: "16\n", "device/model": "NVMe\n", "device/serial": "N2\n" },
  },
  nvme2c0n1: {
    link: "../devices/x/nvme/nvme2/nvme2c0n1",
    files: { hidden: "1\n", "device/model": "NVMe\n" },
  },
  vda: {
    link: "../devices/pci0000:00/0000:00:05.0/virtio2/block/vda",
    files: { size: "4194304\n", serial: "disk-1\n", "device/vendor": "0x1af4\n" },
  },
  mmcblk0: {
    link: "../devices/platform/soc/mmc_host/mmc0/mmc0:0001/block/mmcblk0",
    files: { size: "61071360\n", "device/name": "SD32G\n", "device/serial": "0x1234\n" },
  },
  mmcblk0boot0: { link: "../devices/mmc_host/x/mmcblk0boot0", files: { size: "8\n", "device/name": "x" } },
  sr0: { link: "../devices/pci/ata2/host1/block/sr0", files: { size: "2\n", "device/model": "DVD" } },
  loop0: { link: "../devices/virtual/block/loop0", files: { size: "2\n" } },
  zram0: { link: "../devices/virtual/block/zram0", files: { size: "2\n" } },
  "dm-0": { link: "../devices/virtual/block/dm-0", files: { size: "2\n", "dm/name": "root" } },
  md0: { link: "../devices/virtual/block/md0", files: { size: "2\n", "md/level": "raid1" } },
};

async function makeServer(): Promise<MemoryFileSystem> {
  const files = new MemoryFileSystem({ files: { ...SERVER, "/sys/block/": "", "/sys/devices/": "" } });
  for (const [name, drive] of Object.entries(DRIVES)) {
    const place = drive.link.replace("..", "/sys");
    await files.makeDirectory(place, { parents: true });
    for (const [attribute, content] of Object.entries(drive.files)) {
      const path = `${place}/${attribute}`;
      await files.makeDirectory(path.slice(0, path.lastIndexOf("/")), { parents: true });
      await files.writeFile(path, content);
    }
    await files.makeSymlink(drive.link, `/sys/block/${name}`);
  }
  return files;
}

describe("readMachineFacts", () => {
  test("what the firmware, the processor and the memory say", async () => {
    expect(await readMachineFacts(await makeServer(), ROOTS)).toMatchObject({
      vendor: "Acme Inc.",
      model: "Rack [31mServer 1U",
      serial: "CH-0042",
      cpu: "Acme(R) CPU @ 3.00GHz",
      cpuCount: 2,
      memoryBytes: 16_384_256 * 1024,
      availableMemoryBytes: 12_000_000 * 1024,
      firmware: "efi",
      kernel: "6.12.0-amd64",
    });
  });

  test("whole drives that have hardware, in the order of their numbers", async () => {
    expect((await readMachineFacts(await makeServer(), ROOTS)).drives).toEqual([
      { name: "mmcblk0", model: "SD32G", serial: "0x1234", sizeBytes: 61_071_360 * 512, transport: "mmc" },
      { name: "nvme2n1", model: "NVMe", serial: "N2", sizeBytes: 8_192, transport: "nvme" },
      { name: "nvme10n1", model: "NVMe", serial: "N10", sizeBytes: 8_192, transport: "nvme" },
      {
        name: "sda",
        model: "ACME SSD 512",
        serial: "SER-0001",
        sizeBytes: 1_000_215_216 * 512,
        transport: "sata",
      },
      { name: "sdb", model: "Stick", serial: "", sizeBytes: 1_048_576, transport: "usb" },
      { name: "vda", model: "", serial: "disk-1", sizeBytes: 4_194_304 * 512, transport: "virtio" },
    ]);
  });

  test("a machine without any of these files is unknown, not an error", async () => {
    expect(await readMachineFacts(new MemoryFileSystem(), ROOTS)).toEqual(UNKNOWN_MACHINE);
  });

  test("a board with a device tree", async () => {
    const files = new MemoryFileSystem({
      files: { "/sys/firmware/devicetree/base/model": "Acme Board 4 Rev 1.1\0" },
    });
    expect((await readMachineFacts(files, ROOTS)).model).toBe("Acme Board 4 Rev 1.1");
  });

  test("sizes that are none", async () => {
    const files = new MemoryFileSystem({
      files: {
        "/proc/meminfo": "MemTotal: -5 kB\nMemAvailable: 99999999999999999999 kB\n",
        "/sys/block/sda/device/model": "x",
        "/sys/block/sda/size": "many",
      },
    });
    const facts = await readMachineFacts(files, ROOTS);
    expect([facts.memoryBytes, facts.availableMemoryBytes, facts.drives[0]?.sizeBytes]).toEqual([0, 0, 0]);
  });

  test("a machine with a thousand drives shows the first of them", async () => {
    const entries = Array.from({ length: 1_000 }, (_, index) => [`/sys/block/vd${index}/device/model`, "x"]);
    const files = new MemoryFileSystem({ files: Object.fromEntries(entries) });
    expect((await readMachineFacts(files, ROOTS)).drives).toHaveLength(256);
  });
});
