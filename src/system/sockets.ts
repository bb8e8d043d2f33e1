import type { Socket as UdpSocket } from "node:dgram";

/** What arrives at a packet socket. */
export interface PacketListener {
  /** An IPv4 packet, header included; nobody has checked it, and padding of the link may follow it. */
  onPacket(packet: Buffer): void;
  /** The socket is of no more use. */
  onError(error: Error): void;
}

/** IPv4 packets on one interface, below addresses and routes. */
export interface PacketSocket {
  /** Sends an IPv4 packet, header included, to all stations on the link. System errors as they are. */
  broadcast(packet: Uint8Array): void;
  close(): void;
}

/** Sockets that Node cannot open by itself. */
export interface Sockets {
  /**
   * An IPv4 UDP socket bound to `port` on one interface only (SO_BINDTODEVICE), with broadcast allowed; works on an
   * interface that has no address yet. The caller closes it.
   */
  openUdpOnInterface(interfaceName: string, port: number): Promise<UdpSocket>;
  /**
   * A packet socket (packet(7)) that hears the UDP packets to `udpPort` on one interface, whatever their IP address: also
   * those to an address that the machine does not have yet. It does not keep the process alive. The caller closes it.
   */
  openPacketsOnInterface(
    interfaceName: string,
    udpPort: number,
    listener: PacketListener,
  ): Promise<PacketSocket>;
}
