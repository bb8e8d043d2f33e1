import type { DhcpLease } from "../../../../src/network/dhcp/lease.ts";

/** A lease of 10.1.2.3 on eth0 from 10.1.2.1. */
export function makeLease(values: Partial<DhcpLease> = {}): DhcpLease {
  return {
    interfaceName: "eth0",
    address: "10.1.2.3",
    prefixLength: 24,
    maskIsGuessed: false,
    serverIdentifier: "10.1.2.1",
    router: "10.1.2.1",
    routes: [],
    mtu: undefined,
    nameServers: [],
    searchDomains: [],
    tftpServerAddresses: [],
    options: new Map(),
    packet: Buffer.alloc(0),
    ...values,
  };
}
