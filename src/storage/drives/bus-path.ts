import { parseTransport, type Transport } from "./transport.ts";

// The position of a drive as udev's path_id names it in /dev/disk/by-path (systemd, src/udev/udev-builtin-path_id.c).

/** Values of sysfs attributes, by path below `/sys/class`. */
export type ClassAttributes = ReadonlyMap<string, string>;

const PCI_ADDRESS = /^[0-9a-f]{4,}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-9a-f]$/;
const SCSI_ADDRESS = /\/\d+:(?<bus>\d+):(?<target>\d+):(?<lun>\d+)(?:\/|$)/;
const SAS_END_DEVICE = /\/(?<parent>[^/]+)\/(?<port>port-[\d:]+)\/(?<endDevice>end_device-[\d:]+)\//;
const ATA_PORT = /\/(?<port>ata\d+)\//;
const FIBRE_CHANNEL_TARGET = /\/rport-[^/]+\/(?<target>target[\d:]+)\//;
/** The interface of a USB device: bus, ports from the root hub on, configuration and interface. */
const USB_INTERFACE = /\/\d+-(?<ports>[\d.]+:\d+\.\d+)\//;
/** What ends a chain of platform devices. */
const BELOW_PLATFORM = /^(?:pci[0-9a-f]{4}:|(?:mmc_host|nvme)$|(?:virtio|ata|host|usb)\d+$)/;
const LARGEST_PLAIN_LUN = 255;

/** The attributes that formatBusPath looks at for a drive, as paths below `/sys/class`. */
export function pathAttributesOf(name: string, link: string): readonly string[] {
  const ata = ATA_PORT.exec(link)?.groups?.["port"];
  const sas = SAS_END_DEVICE.exec(link)?.groups;
  const target = FIBRE_CHANNEL_TARGET.exec(link)?.groups?.["target"];
  return [
    ...(parseTransport(link) === "nvme" ? [`block/${name}/nsid`] : []),
    ...(ata === undefined ? [] : [`ata_port/${ata}/port_no`]),
    ...(target === undefined ? [] : [`fc_transport/${target}/port_name`]),
    ...(sas === undefined
      ? []
      : [
          `sas_port/${sas["port"]}/num_phys`,
          `sas_device/${sas["endDevice"]}/phy_identifier`,
          `sas_device/${sas["endDevice"]}/sas_address`,
          `sas_device/${sas["parent"]}/sas_address`,
        ]),
  ];
}

/**
 * Where a drive is plugged in, spelt as in /dev/disk/by-path without the directory (`pci-0000:00:1f.2-ata-1`), from the
 * target of its symbolic link in class/block; "" when the link does not tell a place that survives a restart.
 *
 * Differs from udev in one point: the SCSI host is taken for the first one of its controller.
 */
export function formatBusPath(name: string, link: string, attributes: ClassAttributes): string {
  const bus = formatBus(link);
  const unit = UNIT_FORMATS[parseTransport(link)](link, attributes, name);
  if (bus === "" || unit === undefined) return "";
  return unit === "" ? bus : `${bus}-${unit}`;
}

/** From the processor to the controller. */
function formatBus(link: string): string {
  const parts = link.replace(/^.*?devices\//, "").split("/");
  const platform = parts[0] === "platform" ? parts.slice(1) : [];
  const platformEnd = platform.findIndex((part) => BELOW_PLATFORM.test(part));
  const platformDevice = platform[platformEnd - 1];
  const mmcController = parts[parts.indexOf("mmc_host") - 1];
  return [
    ...(platformDevice === undefined ? [] : [`platform-${platformDevice}`]),
    // Of PCI bridges in a row only the device behind them counts.
    ...parts
      .filter((part, index) => PCI_ADDRESS.test(part) && !PCI_ADDRESS.test(parts[index + 1] ?? ""))
      .map((part) => `pci-${part}`),
    ...(mmcController === undefined || PCI_ADDRESS.test(mmcController) || platformDevice !== undefined
      ? []
      : [`platform-${mmcController}`]),
    ...parts.filter((part) => /^vbd-\d+$/.test(part)).map((part) => `xen-${part}`),
  ].join("-");
}

type UnitFormat = (link: string, attributes: ClassAttributes, name: string) => string | undefined;

/** From the controller to the drive: "" when it has only the one, undefined when the place is not known. */
const UNIT_FORMATS: Readonly<Record<Transport, UnitFormat>> = {
  nvme: formatNvmeUnit,
  sata: formatAtaUnit,
  sas: formatSasUnit,
  scsi: (link, attributes) =>
    link.includes("/rport-") ? formatFibreChannelUnit(link, attributes) : formatScsiUnit(link),
  usb: formatUsbUnit,
  virtio: () => "",
  mmc: () => "",
  xen: () => "",
  unknown: () => undefined,
};

/** Without the attribute (old kernels) the name has the number. */
function formatNvmeUnit(_link: string, attributes: ClassAttributes, name: string): string {
  return `nvme-${attributes.get(`block/${name}/nsid`) ?? /n(\d+)$/.exec(name)?.[1] ?? "1"}`;
}

function formatUsbUnit(link: string): string | undefined {
  const ports = USB_INTERFACE.exec(link)?.groups?.["ports"];
  const unit = formatScsiUnit(link);
  return ports === undefined || unit === undefined ? undefined : `usb-0:${ports}-${unit}`;
}

function formatAtaUnit(link: string, attributes: ClassAttributes): string | undefined {
  const port = ATA_PORT.exec(link)?.groups?.["port"] ?? "";
  const { bus = "0", target = "0" } = SCSI_ADDRESS.exec(link)?.groups ?? {};
  const number = attributes.get(`ata_port/${port}/port_no`) ?? port.slice("ata".length);
  // Behind a port multiplier the bus counts; on an old parallel cable the target tells master from slave.
  if (bus !== "0") return `ata-${number}.${bus}.0`;
  return target === "0" ? `ata-${number}` : `ata-${number}.${target}`;
}

function formatSasUnit(link: string, attributes: ClassAttributes): string | undefined {
  const { parent = "", port = "", endDevice = "" } = SAS_END_DEVICE.exec(link)?.groups ?? {};
  const lun = formatLun(link);
  const address = attributes.get(`sas_device/${endDevice}/sas_address`);
  if (attributes.get(`sas_port/${port}/num_phys`) !== "1")
    return address === undefined ? undefined : `sas-${address}-${lun}`;
  const phy = attributes.get(`sas_device/${endDevice}/phy_identifier`);
  const expander = attributes.get(`sas_device/${parent}/sas_address`);
  if (phy === undefined) return undefined;
  return expander === undefined ? `sas-phy${phy}-${lun}` : `sas-exp${expander}-phy${phy}-${lun}`;
}

function formatFibreChannelUnit(link: string, attributes: ClassAttributes): string | undefined {
  const target = FIBRE_CHANNEL_TARGET.exec(link)?.groups?.["target"] ?? "";
  const port = attributes.get(`fc_transport/${target}/port_name`);
  return port === undefined ? undefined : `fc-${port}-${formatLun(link)}`;
}

/** Sessions of iSCSI come and go: their host numbers tell nothing. */
function formatScsiUnit(link: string): string | undefined {
  const { bus, target, lun } = SCSI_ADDRESS.exec(link)?.groups ?? {};
  if (bus === undefined || link.includes("/session")) return undefined;
  return `scsi-0:${bus}:${target}:${lun}`;
}

/** Numbers beyond the plain ones are written as the eight bytes of the SCSI LUN structure. */
function formatLun(link: string): string {
  const lun = Number(SCSI_ADDRESS.exec(link)?.groups?.["lun"] ?? 0);
  if (lun <= LARGEST_PLAIN_LUN) return `lun-${lun}`;
  const hex = (word: number) => (word & 0xffff).toString(16).padStart(4, "0");
  return `lun-0x${hex(lun)}${hex(lun / 2 ** 16)}00000000`;
}
