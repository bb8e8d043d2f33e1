import { closeSync } from "node:fs";
import { errnoOf, toError } from "../../core/errors.ts";
import type { PacketListener, PacketSocket } from "../sockets.ts";
import { type NativeCalls, SIOCGIFINDEX } from "./native/native-calls.ts";
import { udpPortFilter } from "./native/socket-filter.ts";
import { encodeInterfaceRequest, encodeLinkBroadcast, interfaceIndex } from "./native/structures.ts";

const ETHERTYPE_IPV4 = 0x0800;
/** The loop of Node cannot watch such a descriptor. The filter leaves a packet or two a second: this costs nothing. */
const POLL_MS = 20;
/** Packets in one go, so that a flood leaves others their turn. */
const BATCH = 32;
const MAXIMUM_PACKET_BYTES = 65_535;

/** A filtered AF_PACKET socket that is looked at every 20 ms until it is closed. */
export class NodePacketSocket implements PacketSocket {
  readonly #native: NativeCalls;
  readonly #fd: number;
  readonly #address: Buffer;
  readonly #listener: PacketListener;
  readonly #timer: NodeJS.Timeout;
  readonly #buffer = Buffer.alloc(MAXIMUM_PACKET_BYTES);
  #isClosed = false;

  /** Throws system errors as they are. */
  constructor(native: NativeCalls, interfaceName: string, udpPort: number, listener: PacketListener) {
    this.#native = native;
    this.#listener = listener;
    this.#fd = native.openPacketSocket();
    try {
      const request = encodeInterfaceRequest(interfaceName, "ioctl");
      native.ioctl(this.#fd, SIOCGIFINDEX, request);
      this.#address = encodeLinkBroadcast(interfaceIndex(request), ETHERTYPE_IPV4);
      // Before the socket is bound: until then it receives nothing, so that the filter sees everything.
      native.attachSocketFilter(this.#fd, udpPortFilter(udpPort));
      native.bindSocket(this.#fd, this.#address);
    } catch (error) {
      closeSync(this.#fd);
      throw error;
    }
    this.#timer = setInterval(() => this.#poll(), POLL_MS).unref();
  }

  broadcast(packet: Uint8Array): void {
    this.#native.sendTo(this.#fd, packet, this.#address);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearInterval(this.#timer);
    closeSync(this.#fd);
  }

  #poll(): void {
    try {
      for (let count = 0; count < BATCH && !this.#isClosed; count++) {
        const length = this.#native.receiveNow(this.#fd, this.#buffer);
        if (length === undefined) return;
        this.#listener.onPacket(Buffer.from(this.#buffer.subarray(0, length)));
      }
    } catch (error) {
      // Said once when the interface goes down; the socket works again when it is raised.
      if (errnoOf(error) === "ENETDOWN") return;
      this.close();
      this.#listener.onError(toError(error));
    }
  }
}
