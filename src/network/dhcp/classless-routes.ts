import { formatMask, ipv4Bytes, ipv4FromBytes } from "../ip-address.ts";

/** A route to a network, as option 121 gives it. */
export interface ClasslessRoute {
  /** Dotted; the bits beyond the prefix are zero. */
  readonly destination: string;
  readonly prefixLength: number;
  /** `0.0.0.0`: the network is on the link. */
  readonly gateway: string;
}

const MAXIMUM_ROUTES = 64;

/**
 * The routes in option 121 (RFC 3442), default routes (prefix length 0) among them; undefined when the value is not a
 * whole number of routes, or has more than 64: half a routing table is worse than none.
 */
export function parseClasslessRoutes(value: Buffer): readonly ClasslessRoute[] | undefined {
  const routes: ClasslessRoute[] = [];
  for (let at = 0; at < value.length; ) {
    const prefixLength = value.readUInt8(at);
    // Only the bytes of the destination that the prefix reaches into are sent.
    const significant = Math.ceil(prefixLength / 8);
    const gatewayAt = at + 1 + significant;
    if (prefixLength > 32 || gatewayAt + 4 > value.length || routes.length === MAXIMUM_ROUTES)
      return undefined;
    const destination = Buffer.alloc(4);
    value.copy(destination, 0, at + 1, gatewayAt);
    const mask = ipv4Bytes(formatMask(prefixLength));
    routes.push({
      destination: destination.map((byte, index) => byte & (mask[index] ?? 0)).join("."),
      prefixLength,
      gateway: ipv4FromBytes(value, gatewayAt),
    });
    at = gatewayAt + 4;
  }
  return routes;
}
