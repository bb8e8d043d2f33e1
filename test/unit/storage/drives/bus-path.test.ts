import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatBusPath, pathAttributesOf } from "../../../../src/storage/drives/bus-path.ts";
import { parseTransport } from "../../../../src/storage/drives/transport.ts";

interface Place {
  readonly what: string;
  readonly name?: string;
  /** Below ../../devices/. */
  readonly link: string;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly transport: string;
  readonly path: string;
}

const PLACES: readonly Place[] = [
  {
    what: "NVMe",
    name: "nvme0n1",
    link: "pci0000:00/0000:00:1d.0/0000:02:00.0/nvme/nvme0/nvme0n1",
    attributes: { "block/nvme0n1/nsid": "1" },
    transport: "nvme",
    path: "pci-0000:02:00.0-nvme-1",
  },
  {
    what: "the second NVMe name space, without nsid",
    name: "nvme1n2",
    link: "pci0000:00/0000:00:04.0/nvme/nvme1/nvme1n2",
    transport: "nvme",
    path: "pci-0000:00:04.0-nvme-2",
  },
  {
    what: "NVMe behind Intel VMD",
    name: "nvme0n1",
    link: "pci0000:00/0000:00:0e.0/pci10000:e0/10000:e0:06.0/10000:e1:00.0/nvme/nvme0/nvme0n1",
    transport: "nvme",
    path: "pci-0000:00:0e.0-pci-10000:e1:00.0-nvme-1",
  },
  {
    what: "NVMe on an ARM board",
    name: "nvme0n1",
    link: "platform/40000000.pcie/pci0000:00/0000:00:01.0/0000:01:00.0/nvme/nvme0/nvme0n1",
    transport: "nvme",
    path: "platform-40000000.pcie-pci-0000:01:00.0-nvme-1",
  },
  {
    what: "SATA, numbered by the kernel over all controllers",
    link: "pci0000:00/0000:00:1f.2/ata7/host6/target6:0:0/6:0:0:0/block/sda",
    attributes: { "ata_port/ata7/port_no": "1" },
    transport: "sata",
    path: "pci-0000:00:1f.2-ata-1",
  },
  {
    what: "SATA without the attribute",
    link: "pci0000:00/0000:00:03.0/ata2/host1/target1:0:0/1:0:0:0/block/sda",
    transport: "sata",
    path: "pci-0000:00:03.0-ata-2",
  },
  {
    what: "a slave on a parallel ATA cable",
    link: "pci0000:00/0000:00:01.1/ata1/host0/target0:0:1/0:0:1:0/block/sdb",
    transport: "sata",
    path: "pci-0000:00:01.1-ata-1.1",
  },
  {
    what: "SATA behind a port multiplier",
    link: "pci0000:00/0000:00:1f.2/ata3/host2/target2:3:0/2:3:0:0/block/sdb",
    transport: "sata",
    path: "pci-0000:00:1f.2-ata-3.3.0",
  },
  {
    what: "SAS",
    link: "pci0000:00/0000:00:02.0/0000:03:00.0/host0/port-0:2/end_device-0:2/target0:0:2/0:0:2:0/block/sdc",
    attributes: { "sas_port/port-0:2/num_phys": "1", "sas_device/end_device-0:2/phy_identifier": "5" },
    transport: "sas",
    path: "pci-0000:03:00.0-sas-phy5-lun-0",
  },
  {
    what: "SAS behind an expander",
    link: "pci0000:00/0000:03:00.0/host0/port-0:0/expander-0:0/port-0:0:4/end_device-0:0:4/target0:0:4/0:0:4:0/block/sdd",
    attributes: {
      "sas_port/port-0:0:4/num_phys": "1",
      "sas_device/end_device-0:0:4/phy_identifier": "4",
      "sas_device/expander-0:0/sas_address": "0x500a098012345678",
    },
    transport: "sas",
    path: "pci-0000:03:00.0-sas-exp0x500a098012345678-phy4-lun-0",
  },
  {
    what: "SAS on a wide port",
    link: "pci0000:00/0000:03:00.0/host0/port-0:1/end_device-0:1/target0:0:1/0:0:1:3/block/sde",
    attributes: {
      "sas_port/port-0:1/num_phys": "2",
      "sas_device/end_device-0:1/sas_address": "0x5000c500a1b2c3d5",
    },
    transport: "sas",
    path: "pci-0000:03:00.0-sas-0x5000c500a1b2c3d5-lun-3",
  },
  {
    what: "SAS of which nothing is told",
    link: "pci0000:00/0000:03:00.0/host0/port-0:1/end_device-0:1/target0:0:1/0:0:1:0/block/sde",
    transport: "sas",
    path: "",
  },
  {
    what: "virtio-scsi",
    link: "pci0000:00/0000:00:05.0/virtio2/host2/target2:0:0/2:0:0:0/block/sda",
    transport: "scsi",
    path: "pci-0000:00:05.0-scsi-0:0:0:0",
  },
  {
    what: "a volume of a RAID controller",
    link: "pci0000:00/0000:00:01.0/0000:01:00.0/host0/target0:2:1/0:2:1:0/block/sda",
    transport: "scsi",
    path: "pci-0000:01:00.0-scsi-0:2:1:0",
  },
  {
    what: "fibre channel, with a large LUN",
    link: "pci0000:00/0000:05:00.0/host3/rport-3:0-1/target3:0:0/3:0:0:16640/block/sdf",
    attributes: { "fc_transport/target3:0:0/port_name": "0x50060e8007296c15" },
    transport: "scsi",
    path: "pci-0000:05:00.0-fc-0x50060e8007296c15-lun-0x4100000000000000",
  },
  {
    what: "fibre channel of which nothing is told",
    link: "pci0000:00/0000:05:00.0/host3/rport-3:0-1/target3:0:0/3:0:0:0/block/sdf",
    transport: "scsi",
    path: "",
  },
  {
    what: "an offloaded iSCSI session",
    link: "pci0000:00/0000:05:00.0/host3/session1/target3:0:0/3:0:0:0/block/sdg",
    transport: "scsi",
    path: "",
  },
  {
    what: "iSCSI in software",
    link: "platform/host4/session1/target4:0:0/4:0:0:1/block/sdg",
    transport: "scsi",
    path: "",
  },
  {
    what: "virtio",
    name: "vda",
    link: "pci0000:00/0000:00:04.0/virtio1/block/vda",
    transport: "virtio",
    path: "pci-0000:00:04.0",
  },
  {
    what: "virtio without PCI",
    name: "vda",
    link: "platform/a003e00.virtio_mmio/virtio0/block/vda",
    transport: "virtio",
    path: "platform-a003e00.virtio_mmio",
  },
  {
    what: "USB behind a hub",
    link: "pci0000:00/0000:00:14.0/usb2/2-1/2-1.3/2-1.3:1.0/host5/target5:0:0/5:0:0:0/block/sdh",
    transport: "usb",
    path: "pci-0000:00:14.0-usb-0:1.3:1.0-scsi-0:0:0:0",
  },
  {
    what: "USB on an ARM board",
    link: "platform/soc/xhci-hcd.1.auto/usb2/2-1/2-1:1.0/host0/target0:0:0/0:0:0:0/block/sda",
    transport: "usb",
    path: "platform-xhci-hcd.1.auto-usb-0:1:1.0-scsi-0:0:0:0",
  },
  {
    what: "eMMC on an ARM board",
    name: "mmcblk0",
    link: "platform/soc/fe340000.mmc/mmc_host/mmc0/mmc0:0001/block/mmcblk0",
    transport: "mmc",
    path: "platform-fe340000.mmc",
  },
  {
    what: "eMMC on PCI",
    name: "mmcblk0",
    link: "pci0000:00/0000:00:1c.0/mmc_host/mmc0/mmc0:0001/block/mmcblk0",
    transport: "mmc",
    path: "pci-0000:00:1c.0",
  },
  {
    what: "eMMC that ACPI tells of",
    name: "mmcblk0",
    link: "pci0000:00/80860F14:00/mmc_host/mmc0/mmc0:0001/block/mmcblk0",
    transport: "mmc",
    path: "platform-80860F14:00",
  },
  { what: "Xen", name: "xvda", link: "vbd-51712/block/xvda", transport: "xen", path: "xen-vbd-51712" },
  {
    what: "something new",
    name: "new0",
    link: "pci0000:00/0000:00:09.0/new/new0",
    transport: "unknown",
    path: "",
  },
];

describe.each(PLACES)("$what", ({ name = "sda", link: place, attributes = {}, transport, path }) => {
  const link = `../../devices/${place}`;

  test(`is attached by ${transport}`, () => {
    expect(parseTransport(link)).toBe(transport);
  });

  test(`lies at ${path}`, () => {
    expect(formatBusPath(name, link, new Map(Object.entries(attributes)))).toBe(path);
  });

  test("attributes that its path needs are asked for", () => {
    expect(pathAttributesOf(name, link)).toEqual(expect.arrayContaining(Object.keys(attributes)));
  });
});

test("the link alone decides whether there is a path, and nothing in it breaks the parser", () => {
  const part = fc.oneof(
    fc.constantFrom(...PLACES.flatMap(({ link }) => link.split("/")), "..", ""),
    fc.string({ maxLength: 8 }),
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 12 }), fc.string(), (parts, name) => {
      const link = parts.join("/");
      const path = formatBusPath(name, link, new Map());
      expect(path === "" || /^(?:pci|platform|xen)-/.test(path)).toBe(true);
    }),
    { seed: 1 },
  );
});
