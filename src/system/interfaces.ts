/** A kernel network interface. */
export interface NetworkInterface {
  readonly name: string;
  /** Lower case, colons. */
  readonly macAddress: string;
  /** IFF_UP: set administratively, says nothing about the cable. */
  readonly isUp: boolean;
  readonly isBroadcast: boolean;
  /** Real hardware (`/sys/class/net/NAME/device` exists), neither bond nor bridge. */
  readonly isPhysical: boolean;
  readonly hasCarrier: boolean;
  readonly mtu: number;
}

/** A route of the main IPv4 routing table. */
export interface Route {
  /** Dotted quad; bits beyond the prefix are of no account. */
  readonly destination: string;
  /** 0..32 */
  readonly prefixLength: number;
  /** Dotted quad; `0.0.0.0`: the destination is on the link itself. */
  readonly gateway: string;
  readonly interfaceName: string;
}

/** A tagged 802.1Q interface on top of another one. */
export interface VlanInterface {
  readonly name: string;
  readonly parent: string;
  /** 1..4094 */
  readonly vlanId: number;
}

/** IPv4 set-up of this machine without helper programs (ioctl and rtnetlink). System errors as they are. */
export interface Interfaces {
  list(): Promise<readonly NetworkInterface[]>;
  hasCarrier(name: string): Promise<boolean>;
  /** Addresses of both families, each with its prefix length (`192.0.2.7/24`), IPv4 first; none while it is down. */
  listAddresses(name: string): Promise<readonly string[]>;
  setUp(name: string, up: boolean): Promise<void>;
  /** Sets the (only) IPv4 address and its prefix length. */
  setAddress(name: string, address: string, prefixLength: number): Promise<void>;
  /** Takes the IPv4 address away, and with the last one all routes through the interface; nothing when there is none. */
  clearAddress(name: string): Promise<void>;
  /** Makes `gateway` the default route, replacing an earlier one. */
  setDefaultGateway(gateway: string): Promise<void>;
  /** Makes `route`, or replaces the one to the same destination. The gateway must be on a link of this machine. */
  addRoute(route: Route): Promise<void>;
  /** In bytes, without the Ethernet header. EINVAL when the interface cannot. */
  setMtu(name: string, mtu: number): Promise<void>;
  /** EEXIST when there is an interface of this name, ENOTSUP when the kernel has no VLANs. */
  createVlan(vlan: VlanInterface): Promise<void>;
  setHostname(name: string): Promise<void>;
}
