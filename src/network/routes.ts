import { formatMask, isSameNetwork } from "./ip-address.ts";

/** A route of one interface. */
export interface NetworkRoute {
  /** Dotted quad. */
  readonly destination: string;
  /** 0..32 */
  readonly prefixLength: number;
  /** Dotted quad; `0.0.0.0`: the destination is on the link. */
  readonly gateway: string;
}

/** The routes of an interface, in an order that the kernel accepts. */
export interface RoutePlan {
  /** Before the default route: networks on the link, and each gateway that is on the link but outside all of them. */
  readonly onLink: readonly NetworkRoute[];
  /** After it: what lies behind gateways. */
  readonly behindGateways: readonly NetworkRoute[];
}

/** What an interface is given. */
export interface RoutedInterface {
  readonly address: string;
  readonly prefixLength: number;
  readonly gateway?: string;
  readonly routes?: readonly NetworkRoute[];
}

const ON_LINK = "0.0.0.0";

/**
 * How `routes` and the default route by way of `gateway` can be made. The kernel refuses a gateway that no route on the
 * link leads to (providers that give an address as /32 have such); it gets a host route of its own. The route that the
 * kernel makes for the interface's own subnet stays as it is.
 */
export function planRoutes({ address, prefixLength, gateway, routes = [] }: RoutedInterface): RoutePlan {
  const own: NetworkRoute = { destination: address, prefixLength, gateway: ON_LINK };
  const wanted = routes.filter(
    (route) => !(route.prefixLength === prefixLength && contains(own, route.destination)),
  );
  const onLink = wanted.filter((route) => route.gateway === ON_LINK);
  const behindGateways = wanted.filter((route) => route.gateway !== ON_LINK);
  for (const needed of [gateway, ...behindGateways.map((route) => route.gateway)]) {
    if (needed === undefined || [own, ...onLink].some((network) => contains(network, needed))) continue;
    onLink.push({ destination: needed, prefixLength: 32, gateway: ON_LINK });
  }
  return { onLink, behindGateways };
}

function contains({ destination, prefixLength }: NetworkRoute, address: string): boolean {
  return isSameNetwork(destination, address, formatMask(prefixLength));
}
