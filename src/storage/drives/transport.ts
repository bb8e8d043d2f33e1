/** How a drive is attached. */
export const TRANSPORTS = ["nvme", "sata", "sas", "scsi", "virtio", "usb", "mmc", "xen", "unknown"] as const;

/** See TRANSPORTS. `scsi` is any SCSI host that is not one of the others: RAID controllers, virtio-scsi, fibre channel. */
export type Transport = (typeof TRANSPORTS)[number];

/** In this order: a USB disk is also a SCSI disk, and one of a virtio-scsi host is no virtio disk. */
const LINK_PATTERNS: readonly (readonly [pattern: RegExp, transport: Transport])[] = [
  [/\/nvme/, "nvme"],
  [/\/mmc_host\//, "mmc"],
  [/\/usb\d+\//, "usb"],
  [/\/end_device-\d/, "sas"],
  [/\/ata\d+\//, "sata"],
  [/\/host\d+\//, "scsi"],
  [/\/virtio\d+\//, "virtio"],
  [/\/vbd-\d+\//, "xen"],
];

/** The transport of a drive, going by the target of its symbolic link in class/block. */
export function parseTransport(link: string): Transport {
  return LINK_PATTERNS.find(([pattern]) => pattern.test(link))?.[1] ?? "unknown";
}
