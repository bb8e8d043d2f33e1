import type { Socket as UdpSocket } from "node:dgram";

/** Sockets that Node cannot open by itself. */
export interface Sockets {
  /**
   * An IPv4 UDP socket bound to `port` on one interface only (SO_BINDTODEVICE), with broadcast allowed; works on an
   * interface that has no address yet. The caller closes it.
   */
  openUdpOnInterface(interfaceName: string, port: number): Promise<UdpSocket>;
}
