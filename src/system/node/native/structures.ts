import type { FileTime, Path } from "../../files.ts";
import { systemError } from "../../system-error.ts";

/** IFNAMSIZ: an interface name and its final NUL. */
const INTERFACE_NAME_BYTES = 16;
const IFREQ_BYTES = 40;
const RTENTRY_BYTES = 120;
const SOCKADDR_BYTES = 16;
const SOCKADDR_LL_BYTES = 20;
const ETHERNET_ADDRESS_BYTES = 6;
const AF_INET = 2;
const AF_NETLINK = 16;
const AF_PACKET = 17;
const RTF_UP = 0x1;
const RTF_GATEWAY = 0x2;

/** `text` with a final NUL; EINVAL when it contains one, since the kernel would see another name than the caller. */
export function encodeCString(text: Path, syscall: string): Buffer {
  const bytes = typeof text === "string" ? Buffer.from(text, "utf8") : text;
  if (bytes.includes(0)) throw systemError("EINVAL", syscall, text);
  return Buffer.concat([bytes, Buffer.alloc(1)]);
}

/** Two equal `struct timespec`: access and modification time for utimensat. */
export function encodeTimes(time: FileTime): Buffer {
  const buffer = Buffer.alloc(32);
  for (const offset of [0, 16]) {
    buffer.writeBigInt64LE(time.seconds, offset);
    buffer.writeBigInt64LE(BigInt(time.nanoseconds), offset + 8);
  }
  return buffer;
}

/** `struct timeval` at a whole second. */
export function encodeTimeval(unixSeconds: number): Buffer {
  const buffer = Buffer.alloc(16);
  buffer.writeBigInt64LE(BigInt(Math.trunc(unixSeconds)));
  return buffer;
}

/** `struct sockaddr_in`; `address` is a valid dotted quad. */
export function encodeSocketAddress(address: string, port: number): Buffer {
  const buffer = Buffer.alloc(SOCKADDR_BYTES);
  buffer.writeUInt16LE(AF_INET, 0);
  buffer.writeUInt16BE(port, 2);
  buffer.set(address.split(".").map(Number), 4);
  return buffer;
}

/** `struct sockaddr_ll` (packet(7)): all stations on the link of an interface, and the Ethernet protocol there. */
export function encodeLinkBroadcast(interfaceIndex: number, protocol: number): Buffer {
  const buffer = Buffer.alloc(SOCKADDR_LL_BYTES);
  buffer.writeUInt16LE(AF_PACKET, 0);
  buffer.writeUInt16BE(protocol, 2);
  buffer.writeInt32LE(interfaceIndex, 4);
  buffer.writeUInt8(ETHERNET_ADDRESS_BYTES, 11);
  buffer.fill(0xff, 12, 12 + ETHERNET_ADDRESS_BYTES);
  return buffer;
}

/** `struct sock_fprog` for instructions of eight bytes each at `address`. */
export function encodeFilterProgram(address: bigint, byteLength: number): Buffer {
  const buffer = Buffer.alloc(16);
  buffer.writeUInt16LE(byteLength / 8, 0);
  buffer.writeBigUInt64LE(address, 8);
  return buffer;
}

/** `struct sockaddr_nl` of the kernel. */
export function encodeKernelNetlinkAddress(): Buffer {
  const buffer = Buffer.alloc(12);
  buffer.writeUInt16LE(AF_NETLINK, 0);
  return buffer;
}

/** An `int`. */
export function encodeInt(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeInt32LE(value);
  return buffer;
}

/** `struct ifreq` naming an interface; ENODEV when no interface can have that name. */
export function encodeInterfaceRequest(interfaceName: string, syscall: string): Buffer {
  const name = encodeCString(interfaceName, syscall);
  if (name.byteLength === 1 || name.byteLength > INTERFACE_NAME_BYTES) {
    throw systemError("ENODEV", syscall, interfaceName);
  }
  const buffer = Buffer.alloc(IFREQ_BYTES);
  buffer.set(name);
  return buffer;
}

/** ifr_addr, ifr_netmask and so on: the union behind the name as an IPv4 address. */
export function withInterfaceAddress(request: Buffer, address: string): Buffer {
  const changed = Buffer.from(request);
  changed.set(encodeSocketAddress(address, 0), INTERFACE_NAME_BYTES);
  return changed;
}

/** ifr_flags of a request that the kernel has filled in. */
export function interfaceFlags(request: Buffer): number {
  return request.readUInt16LE(INTERFACE_NAME_BYTES);
}

/** ifr_ifindex of a request that the kernel has filled in. */
export function interfaceIndex(request: Buffer): number {
  return request.readInt32LE(INTERFACE_NAME_BYTES);
}

/** The same request with an ifr_mtu. */
export function withInterfaceMtu(request: Buffer, mtu: number): Buffer {
  const changed = Buffer.from(request);
  changed.writeInt32LE(mtu, INTERFACE_NAME_BYTES);
  return changed;
}

/** The same request with other ifr_flags. */
export function withInterfaceFlags(request: Buffer, flags: number): Buffer {
  const changed = Buffer.from(request);
  changed.writeUInt16LE(flags, INTERFACE_NAME_BYTES);
  return changed;
}

/** `struct rtentry` of the default route through `gateway`; `metric` as /proc/net/route shows it. */
export function encodeDefaultRoute(gateway: string, metric: number): Buffer {
  const buffer = Buffer.alloc(RTENTRY_BYTES);
  buffer.set(encodeSocketAddress("0.0.0.0", 0), 8);
  buffer.set(encodeSocketAddress(gateway, 0), 24);
  buffer.set(encodeSocketAddress("0.0.0.0", 0), 40);
  buffer.writeUInt16LE(RTF_UP | (gateway === "0.0.0.0" ? 0 : RTF_GATEWAY), 56);
  // rt_metric counts from 1; 0 stands for "the default" (route(8) writes metric + 1 as well).
  if (metric > 0) buffer.writeInt16LE(Math.min(metric + 1, 0x7fff), 80);
  return buffer;
}
