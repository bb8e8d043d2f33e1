import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { closeSync } from "node:fs";
import type { PacketListener, PacketSocket, Sockets } from "../sockets.ts";
import {
  type NativeCalls,
  SO_BINDTODEVICE,
  SO_BROADCAST,
  SO_REUSEADDR,
  SOL_SOCKET,
} from "./native/native-calls.ts";
import { encodeCString, encodeSocketAddress } from "./native/structures.ts";
import { NodePacketSocket } from "./node-packet-socket.ts";

/** Sockets made by system calls and then given to Node, which treats them as its own. */
export class NodeSockets implements Sockets {
  readonly #native: () => NativeCalls;

  constructor(native: () => NativeCalls) {
    this.#native = native;
  }

  async openUdpOnInterface(interfaceName: string, port: number): Promise<Socket> {
    const fd = this.#openBound(interfaceName, port);
    const socket = createSocket("udp4");
    try {
      const listening = once(socket, "listening");
      socket.bind({ fd, exclusive: true });
      await listening;
      return socket;
    } catch (error) {
      closeSync(fd);
      socket.close();
      throw error;
    }
  }

  async openPacketsOnInterface(
    interfaceName: string,
    udpPort: number,
    listener: PacketListener,
  ): Promise<PacketSocket> {
    return new NodePacketSocket(this.#native(), interfaceName, udpPort, listener);
  }

  #openBound(interfaceName: string, port: number): number {
    const native = this.#native();
    const fd = native.openUdpSocket();
    try {
      const device = encodeCString(interfaceName, "setsockopt");
      const enabled = Buffer.from([1, 0, 0, 0]);
      native.setSocketOption(fd, { level: SOL_SOCKET, name: SO_BINDTODEVICE, value: device });
      native.setSocketOption(fd, { level: SOL_SOCKET, name: SO_REUSEADDR, value: enabled });
      native.setSocketOption(fd, { level: SOL_SOCKET, name: SO_BROADCAST, value: enabled });
      native.bindSocket(fd, encodeSocketAddress("0.0.0.0", port));
      return fd;
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  }
}
