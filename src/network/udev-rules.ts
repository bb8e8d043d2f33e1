/** An interface of the installer's environment and the device behind it. */
export interface NamedDevice {
  readonly interfaceName: string;
  /** Base name of `/sys/class/net/NAME/device`, such as `0000:03:00.0`. */
  readonly busId: string;
}

/** Place of the rules in the new system. */
export const UDEV_RULES_PATH = "etc/udev/rules.d/70-persistent-net.rules";

/** Rules that give the interfaces the same names in the new system, sorted by name (spec/network.md section 6). */
export function renderUdevRules(mountPoint: string, devices: readonly NamedDevice[]): string {
  const header = `# ${mountPoint}/${UDEV_RULES_PATH} -- created by SmallStack installer\n\n`;
  const sorted = devices.toSorted((a, b) => (a.interfaceName < b.interfaceName ? -1 : 1));
  return header + sorted.map(renderRule).join("");
}

function renderRule({ interfaceName, busId }: NamedDevice): string {
  const conditions = [
    'SUBSYSTEM=="net"',
    'ACTION=="add"',
    'DRIVERS=="?*"',
    'ATTR{type}=="1"',
    `KERNELS=="${busId}"`,
  ];
  return `${conditions.join(", ")}, NAME="${interfaceName}"\n`;
}
