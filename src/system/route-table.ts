/** A default route of /proc/net/route. */
export interface DefaultRoute {
  readonly interfaceName: string;
  /** Dotted quad; `0.0.0.0` when the route has no gateway. */
  readonly gateway: string;
  readonly metric: number;
}

/** The IPv4 default routes in the text of /proc/net/route (its columns: Iface Destination Gateway Flags RefCnt Use Metric Mask …). */
export function parseDefaultRoutes(text: string): readonly DefaultRoute[] {
  return text.split("\n").flatMap((line) => {
    const [interfaceName = "", destination, gateway = "", , , , metric = "", mask] = line.trim().split(/\s+/);
    if (destination !== "00000000" || mask !== "00000000" || !/^[0-9A-F]{8}$/.test(gateway)) return [];
    // The kernel prints the address as a number in the machine's byte order (little endian).
    return [
      { interfaceName, gateway: Buffer.from(gateway, "hex").reverse().join("."), metric: Number(metric) },
    ];
  });
}
