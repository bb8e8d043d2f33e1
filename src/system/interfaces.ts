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

/** IPv4 set-up of this machine without helper programs (ioctl and rtnetlink). System errors as they are. */
export interface Interfaces {
  list(): Promise<readonly NetworkInterface[]>;
  hasCarrier(name: string): Promise<boolean>;
  setUp(name: string, up: boolean): Promise<void>;
  /** Sets the (only) IPv4 address and its prefix length. */
  setAddress(name: string, address: string, prefixLength: number): Promise<void>;
  /** Makes `gateway` the default route, replacing an earlier one. */
  setDefaultGateway(gateway: string): Promise<void>;
  setHostname(name: string): Promise<void>;
}
