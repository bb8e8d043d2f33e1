import { InstallerError } from "../../core/errors.ts";
import { ipv4Bytes, ipv4FromBytes } from "../ip-address.ts";

/** Values of option 53 (RFC 2132 section 9.6). */
export const MESSAGE_TYPE = { discover: 1, offer: 2, request: 3, decline: 4, ack: 5, nak: 6 } as const;

/** Codes of the options that this program reads or writes (RFC 2132; 119: RFC 3397; 121: RFC 3442; 150: RFC 5859). */
export const OPTION = {
  subnetMask: 1,
  router: 3,
  nameServers: 6,
  hostname: 12,
  domainName: 15,
  interfaceMtu: 26,
  requestedAddress: 50,
  leaseTime: 51,
  overload: 52,
  messageType: 53,
  serverIdentifier: 54,
  parameterRequestList: 55,
  message: 56,
  maximumMessageSize: 57,
  renewalTime: 58,
  rebindingTime: 59,
  tftpServerName: 66,
  bootFileName: 67,
  domainSearch: 119,
  classlessRoutes: 121,
  tftpServerAddresses: 150,
} as const;

/** Option values by code; a value that came in several pieces is already joined. */
export type DhcpOptions = ReadonlyMap<number, Buffer>;

/** A BOOTP message with DHCP options; addresses are dotted text. */
export interface DhcpMessage {
  /** 1 from a client, 2 from a server. */
  readonly operation: number;
  readonly hardwareType: number;
  /** Up to 16 bytes. */
  readonly hardwareAddress: Buffer;
  readonly transactionId: number;
  readonly elapsedSeconds: number;
  readonly broadcast: boolean;
  readonly clientAddress: string;
  readonly yourAddress: string;
  readonly nextServer: string;
  readonly relayAddress: string;
  readonly options: DhcpOptions;
}

const FIXED_BYTES = 236;
const MAGIC_COOKIE = 0x63825363;
const SNAME = { start: 44, end: 108 } as const;
const FILE = { start: 108, end: 236 } as const;
const PAD = 0;
const END = 255;
/** The largest UDP payload; real messages stay below one Ethernet frame. */
const MAXIMUM_BYTES = 65_507;
/** Some relays and servers drop shorter messages (RFC 1542 section 2.1: 300 bytes with the IP header less). */
const MINIMUM_BYTES = 300;

/**
 * Reads a message, with option overload (RFC 2132 section 9.3) and options in several pieces (RFC 3396).
 * Throws E_DHCP_PACKET when it is shorter than its own lengths claim or is not DHCP at all.
 */
export function parseDhcpMessage(bytes: Buffer): DhcpMessage {
  if (bytes.length < FIXED_BYTES + 4 || bytes.length > MAXIMUM_BYTES)
    throw malformed(`a message of ${bytes.length} bytes`);
  if (bytes.readUInt32BE(FIXED_BYTES) !== MAGIC_COOKIE) throw malformed("a message without the DHCP cookie");
  const hardwareLength = bytes.readUInt8(2);
  if (hardwareLength > 16) throw malformed(`a hardware address of ${hardwareLength} bytes`);
  return {
    operation: bytes.readUInt8(0),
    hardwareType: bytes.readUInt8(1),
    hardwareAddress: Buffer.from(bytes.subarray(28, 28 + hardwareLength)),
    transactionId: bytes.readUInt32BE(4),
    elapsedSeconds: bytes.readUInt16BE(8),
    broadcast: (bytes.readUInt16BE(10) & 0x8000) !== 0,
    clientAddress: ipv4FromBytes(bytes, 12),
    yourAddress: ipv4FromBytes(bytes, 16),
    nextServer: ipv4FromBytes(bytes, 20),
    relayAddress: ipv4FromBytes(bytes, 24),
    options: parseOptions(bytes),
  };
}

/** Writes a message; options keep their order, values over 255 bytes are split as in RFC 3396. */
export function encodeDhcpMessage(message: DhcpMessage): Buffer {
  const fixed = Buffer.alloc(FIXED_BYTES + 4);
  fixed.writeUInt8(message.operation, 0);
  fixed.writeUInt8(message.hardwareType, 1);
  fixed.writeUInt8(message.hardwareAddress.length, 2);
  fixed.writeUInt32BE(message.transactionId, 4);
  fixed.writeUInt16BE(message.elapsedSeconds, 8);
  fixed.writeUInt16BE(message.broadcast ? 0x8000 : 0, 10);
  ipv4Bytes(message.clientAddress).copy(fixed, 12);
  ipv4Bytes(message.yourAddress).copy(fixed, 16);
  ipv4Bytes(message.nextServer).copy(fixed, 20);
  ipv4Bytes(message.relayAddress).copy(fixed, 24);
  message.hardwareAddress.copy(fixed, 28, 0, 16);
  fixed.writeUInt32BE(MAGIC_COOKIE, FIXED_BYTES);
  const encoded = Buffer.concat([fixed, ...[...message.options].flatMap(encodeOption), Buffer.of(END)]);
  return Buffer.concat([encoded, Buffer.alloc(Math.max(0, MINIMUM_BYTES - encoded.length))]);
}

/** The type of a message (option 53); undefined for plain BOOTP. */
export function messageType(message: DhcpMessage): number | undefined {
  return message.options.get(OPTION.messageType)?.[0];
}

function parseOptions(bytes: Buffer): DhcpOptions {
  const pieces = new Map<number, Buffer[]>();
  readOptionArea(bytes.subarray(FIXED_BYTES + 4), pieces);
  const overload = pieces.get(OPTION.overload)?.[0]?.[0] ?? 0;
  // RFC 3396 section 5: the pieces of a split option are joined in the order options field, file, sname.
  if ((overload & 1) !== 0) readOptionArea(bytes.subarray(FILE.start, FILE.end), pieces);
  if ((overload & 2) !== 0) readOptionArea(bytes.subarray(SNAME.start, SNAME.end), pieces);
  return new Map([...pieces].map(([code, values]) => [code, Buffer.concat(values)]));
}

function readOptionArea(area: Buffer, pieces: Map<number, Buffer[]>): void {
  for (let at = 0; at < area.length; ) {
    const code = area.readUInt8(at);
    if (code === END) return;
    if (code === PAD) {
      at += 1;
      continue;
    }
    const length = area[at + 1];
    if (length === undefined || at + 2 + length > area.length)
      throw malformed(`option ${code}, which runs past the end`);
    const values = pieces.get(code) ?? [];
    // A copy: the lease outlives the receive buffer.
    values.push(Buffer.from(area.subarray(at + 2, at + 2 + length)));
    pieces.set(code, values);
    at += 2 + length;
  }
  // No end option: common enough in the wild, and harmless as every length fitted.
}

function encodeOption([code, value]: readonly [number, Buffer]): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at < value.length || at === 0; at += 255) {
    const piece = value.subarray(at, at + 255);
    pieces.push(Buffer.of(code, piece.length), piece);
  }
  return pieces;
}

function malformed(what: string): InstallerError {
  return new InstallerError("E_DHCP_PACKET", `reading a DHCP message: found ${what}`);
}
