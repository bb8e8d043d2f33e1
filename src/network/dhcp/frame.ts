import { ipv4Bytes } from "../ip-address.ts";

/** UDP ports (RFC 2131 section 4.1). */
export const SERVER_PORT = 67;
export const CLIENT_PORT = 68;

const IP_HEADER_BYTES = 20;
const UDP_HEADER_BYTES = 8;
const PROTOCOL_UDP = 17;
/** As the original has it (spec/configuration.md 6.3); only relays on the link are ever meant. */
const TIME_TO_LIVE = 16;
/** More-fragments flag and fragment offset. */
const FRAGMENT_BITS = 0x3fff;
const UNSPECIFIED = ipv4Bytes("0.0.0.0");
const BROADCAST = ipv4Bytes("255.255.255.255");

/** The IPv4 packet in which a client without an address sends `message` to all servers. */
export function encodeDhcpFrame(message: Uint8Array): Buffer {
  const frame = Buffer.alloc(IP_HEADER_BYTES + UDP_HEADER_BYTES + message.length);
  frame.writeUInt8(0x45, 0);
  frame.writeUInt16BE(frame.length, 2);
  frame.writeUInt8(TIME_TO_LIVE, 8);
  frame.writeUInt8(PROTOCOL_UDP, 9);
  UNSPECIFIED.copy(frame, 12);
  BROADCAST.copy(frame, 16);
  frame.writeUInt16BE(complement(sumWords(frame.subarray(0, IP_HEADER_BYTES))), 10);
  const datagram = frame.subarray(IP_HEADER_BYTES);
  datagram.writeUInt16BE(CLIENT_PORT, 0);
  datagram.writeUInt16BE(SERVER_PORT, 2);
  datagram.writeUInt16BE(datagram.length, 4);
  datagram.set(message, UDP_HEADER_BYTES);
  const checksum = complement(sumWords(datagram, pseudoHeaderSum(frame, datagram.length)));
  // RFC 768: zero would say that there is none.
  datagram.writeUInt16BE(checksum === 0 ? 0xffff : checksum, 6);
  return frame;
}

/**
 * The DHCP message in an IPv4 packet from a server to a client, whatever address it was sent to; undefined for every
 * other packet, for fragments, and when a length or a checksum is wrong (RFC 791, RFC 768).
 */
export function parseDhcpFrame(packet: Buffer): Buffer | undefined {
  if (packet.length < IP_HEADER_BYTES || packet.readUInt8(0) >> 4 !== 4) return undefined;
  const headerBytes = (packet.readUInt8(0) & 0xf) * 4;
  const totalBytes = packet.readUInt16BE(2);
  // What follows the packet is padding of the Ethernet frame.
  if (headerBytes < IP_HEADER_BYTES || totalBytes < headerBytes + UDP_HEADER_BYTES) return undefined;
  if (totalBytes > packet.length || sumWords(packet.subarray(0, headerBytes)) !== 0xffff) return undefined;
  if (packet.readUInt8(9) !== PROTOCOL_UDP || (packet.readUInt16BE(6) & FRAGMENT_BITS) !== 0)
    return undefined;
  return parseDatagram(packet, packet.subarray(headerBytes, totalBytes));
}

function parseDatagram(packet: Buffer, rest: Buffer): Buffer | undefined {
  const length = rest.readUInt16BE(4);
  if (rest.readUInt16BE(0) !== SERVER_PORT || rest.readUInt16BE(2) !== CLIENT_PORT) return undefined;
  if (length < UDP_HEADER_BYTES || length > rest.length) return undefined;
  const datagram = rest.subarray(0, length);
  return isChecksumGood(packet, datagram) ? datagram.subarray(UDP_HEADER_BYTES) : undefined;
}

function isChecksumGood(packet: Buffer, datagram: Buffer): boolean {
  const checksum = datagram.readUInt16BE(6);
  if (checksum === 0) return true;
  const pseudoHeader = pseudoHeaderSum(packet, datagram.length);
  // A sender on the same computer (a virtual machine's host, veth) leaves the rest of the sum to a network card that the
  // packet never meets: only the pseudo-header has been summed, not complemented (kernel doc networking/checksum-offloads).
  return checksum === pseudoHeader || sumWords(datagram, pseudoHeader) === 0xffff;
}

function pseudoHeaderSum(packet: Buffer, datagramBytes: number): number {
  return sumWords(packet.subarray(12, 20), PROTOCOL_UDP + datagramBytes);
}

/** One's complement sum (RFC 1071) of big-endian words, an odd last byte padded with zero; 16 bits. */
function sumWords(bytes: Buffer, initial = 0): number {
  let sum = initial;
  for (let at = 0; at + 1 < bytes.length; at += 2) sum += bytes.readUInt16BE(at);
  if (bytes.length % 2 === 1) sum += bytes.readUInt8(bytes.length - 1) << 8;
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return sum;
}

function complement(sum: number): number {
  return ~sum & 0xffff;
}
