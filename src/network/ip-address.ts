import { isIPv4, isIPv6, SocketAddress } from "node:net";

/** The IPv4 address in `bytes` at `offset`, in dotted form; the caller has checked that four bytes are there. */
export function ipv4FromBytes(bytes: Uint8Array, offset = 0): string {
  return bytes.subarray(offset, offset + 4).join(".");
}

/** The four bytes of a dotted IPv4 address; RangeError when `address` is none. */
export function ipv4Bytes(address: string): Buffer {
  if (!isIPv4(address)) throw new RangeError(`not an IPv4 address: ${address}`);
  return Buffer.from(address.split(".").map(Number));
}

/** The one spelling of an IP address text that we print (IPv4 inside IPv6 becomes IPv4); undefined when it is none. */
export function parseIpAddress(text: string): string | undefined {
  if (isIPv4(text)) return text;
  // A zone (`fe80::1%eth0`) means nothing on another machine.
  if (!isIPv6(text) || text.includes("%")) return undefined;
  const canonical = new SocketAddress({ family: "ipv6", address: text }).address;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(canonical);
  return mapped?.[1] ?? canonical;
}

/** Length of the prefix that a dotted mask stands for; undefined when it is no mask or its one bits are not contiguous. */
export function parseMask(mask: string): number | undefined {
  if (!isIPv4(mask)) return undefined;
  const inverted = ~ipv4Bytes(mask).readUInt32BE() >>> 0;
  // Contiguous ones followed by zeroes: the inverse plus one is a power of two.
  return (inverted & (inverted + 1)) === 0 ? Math.clz32(inverted) : undefined;
}

/** The dotted mask of `prefixLength` (0..32). */
export function formatMask(prefixLength: number): string {
  const mask = Buffer.alloc(4);
  mask.writeUInt32BE(prefixLength === 0 ? 0 : (0xffffffff << (32 - prefixLength)) >>> 0);
  return ipv4FromBytes(mask);
}

/** Whether two IPv4 addresses agree in the bits of `mask`; false when one of them is not IPv4. */
export function isSameNetwork(address: string, other: string, mask: string): boolean {
  if (!isIPv4(address) || !isIPv4(other) || !isIPv4(mask)) return false;
  const bits = ipv4Bytes(mask).readUInt32BE();
  return ((ipv4Bytes(address).readUInt32BE() ^ ipv4Bytes(other).readUInt32BE()) & bits) === 0;
}
