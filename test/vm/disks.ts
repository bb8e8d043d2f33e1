import { existsSync, truncateSync, writeFileSync } from "node:fs";
import path from "node:path";

/** How a disk is attached: `scsi` is virtio-scsi (sda), `sata` AHCI (sda), `usb` a stick on xHCI (sda). */
export type DiskBus = "virtio" | "nvme" | "scsi" | "sata" | "usb";

export interface DiskOptions {
  readonly sizeBytes: number;
  /** Default `virtio`. */
  readonly bus?: DiskBus;
  readonly serial?: string;
  /** 64 bits; only `scsi` and `sata` disks have one. */
  readonly wwn?: bigint;
  /** Only `scsi` and `sata` disks can choose; the others say what QEMU makes them. */
  readonly model?: string;
  /** Not for `nvme` and `sata`. */
  readonly readOnly?: boolean;
  /**
   * The image, inside the lab's directory unless absolute; kept when it exists. Default `diskN.raw`, N the position in the attach
   * order: name it to attach the same disks in another order later.
   */
  readonly file?: string;
}

/** The disk image of `options` at position `index`, made sparse unless it is there from an earlier start. */
export function makeDisk(directory: string, { file, sizeBytes }: DiskOptions, index: number): string {
  const image = path.resolve(directory, file ?? `disk${index}.raw`);
  if (!existsSync(image)) {
    writeFileSync(image, "");
    truncateSync(image, sizeBytes);
  }
  return image;
}

/** The host bus adapters that stand before the disks; virtio and NVMe disks are PCI devices of their own. */
const ADAPTERS: Partial<Record<DiskBus, string>> = {
  scsi: "virtio-scsi-pci,id=scsi",
  sata: "ich9-ahci,id=sata",
  usb: "qemu-xhci,id=usb",
};

/** QEMU's arguments for `disks`, attached in their order, the boot disk first in the firmware's order when it has one. */
export function diskArguments(
  disks: readonly (DiskOptions & { readonly image: string })[],
  bootIndexOf: (index: number) => number | undefined,
): readonly string[] {
  const buses = new Set(disks.map(busOf));
  const adapters = [...buses].flatMap((bus) => ADAPTERS[bus] ?? []);
  return [
    ...adapters.flatMap((adapter) => ["-device", adapter]),
    ...disks.flatMap((disk, index) => [
      "-drive",
      [
        `if=none,id=image${index},file=${disk.image},format=raw,cache=unsafe,discard=unmap`,
        ...(disk.readOnly === true ? ["readonly=on"] : []),
      ].join(","),
      "-device",
      renderDevice(disk, index, disks, bootIndexOf(index)),
    ]),
  ];
}

function busOf({ bus }: DiskOptions): DiskBus {
  return bus ?? "virtio";
}

function renderDevice(
  disk: DiskOptions,
  index: number,
  disks: readonly DiskOptions[],
  bootIndex: number | undefined,
): string {
  const bus = busOf(disk);
  const unit = disks.slice(0, index).filter((other) => busOf(other) === bus).length;
  const driver: Record<DiskBus, readonly string[]> = {
    virtio: ["virtio-blk-pci"],
    // The controller does not start without a serial number.
    nvme: ["nvme", `serial=${disk.serial ?? `nvme-${index}`}`],
    scsi: ["scsi-hd", "bus=scsi.0", `scsi-id=${unit}`, ...named("product", disk.model)],
    sata: ["ide-hd", `bus=sata.${unit}`, ...named("model", disk.model)],
    usb: ["usb-storage", "bus=usb.0", `port=${unit + 1}`],
  };
  return [
    ...driver[bus],
    `id=disk${index}`,
    `drive=image${index}`,
    ...(bus === "nvme" ? [] : named("serial", disk.serial)),
    ...named("wwn", disk.wwn === undefined ? undefined : `0x${disk.wwn.toString(16)}`),
    ...named("bootindex", bootIndex),
  ].join(",");
}

function named(property: string, value: string | number | undefined): readonly string[] {
  return value === undefined ? [] : [`${property}=${value}`];
}
