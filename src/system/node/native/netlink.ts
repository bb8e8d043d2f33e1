import { constants } from "node:os";
import { getSystemErrorName } from "node:util";
import { type ErrnoName, systemError } from "../../system-error.ts";
import { encodeCString } from "./structures.ts";

/** linux/netlink.h, linux/rtnetlink.h, linux/if_link.h. */
const HEADER_BYTES = 16;
const NLMSG_ERROR = 2;
const RTM_NEWLINK = 16;
const RTM_NEWROUTE = 24;
const NLM_F_REQUEST = 0x1;
const NLM_F_ACK = 0x4;
const NLM_F_REPLACE = 0x100;
const NLM_F_EXCL = 0x200;
const NLM_F_CREATE = 0x400;
/** In an answer: the request is quoted without its content; attributes follow. */
const NLM_F_CAPPED = 0x100;
const NLM_F_ACK_TLVS = 0x200;
const NLMSGERR_ATTR_MSG = 1;
const IFLA_IFNAME = 3;
const IFLA_LINK = 5;
const IFLA_LINKINFO = 18;
const IFLA_INFO_KIND = 1;
const IFLA_INFO_DATA = 2;
const IFLA_VLAN_ID = 1;
const RTA_DST = 1;
const RTA_OIF = 4;
const RTA_GATEWAY = 5;
const AF_INET = 2;
const RT_TABLE_MAIN = 254;
const RTPROT_BOOT = 3;
const RT_SCOPE_UNIVERSE = 0;
const RT_SCOPE_LINK = 253;
const RTN_UNICAST = 1;

/** Each request has a socket of its own, and so the same number. */
const SEQUENCE = 1;

export interface VlanLinkRequest {
  readonly name: string;
  readonly parentIndex: number;
  /** 1..4094 */
  readonly vlanId: number;
}

export interface RouteRequest {
  /** Four bytes, network order, and no bits beyond the prefix. */
  readonly destination: Uint8Array;
  readonly prefixLength: number;
  /** Undefined: the destination is on the link itself. */
  readonly gateway: Uint8Array | undefined;
  readonly interfaceIndex: number;
}

/** RTM_NEWLINK of an 802.1Q interface, byte for byte what `ip link add link P name N type vlan id I` sends. */
export function encodeNewVlan({ name, parentIndex, vlanId }: VlanLinkRequest): Buffer {
  const info = Buffer.concat([
    attribute(IFLA_INFO_KIND, Buffer.from("vlan")),
    attribute(IFLA_INFO_DATA, attribute(IFLA_VLAN_ID, uint16(vlanId))),
  ]);
  const interfaceHeader = Buffer.alloc(16);
  return message(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, [
    interfaceHeader,
    attribute(IFLA_LINK, uint32(parentIndex)),
    attribute(IFLA_IFNAME, encodeCString(name, "rtnetlink")),
    attribute(IFLA_LINKINFO, info),
  ]);
}

/** RTM_NEWROUTE that makes or replaces a route, byte for byte what `ip route replace` sends. */
export function encodeReplaceRoute(route: RouteRequest): Buffer {
  const { destination, prefixLength, gateway, interfaceIndex } = route;
  const scope = gateway === undefined ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
  const header = Buffer.alloc(12);
  header.set([AF_INET, prefixLength, 0, 0, RT_TABLE_MAIN, RTPROT_BOOT, scope, RTN_UNICAST]);
  return message(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, [
    header,
    attribute(RTA_DST, destination),
    ...(gateway === undefined ? [] : [attribute(RTA_GATEWAY, gateway)]),
    attribute(RTA_OIF, uint32(interfaceIndex)),
  ]);
}

/**
 * Checks the kernel's answer to a request made here. Throws the system error that it reports about `subject`, with the
 * kernel's own words where it gives any (extended acknowledgement), EPROTO when the answer is none.
 */
export function checkAcknowledgement(answer: Buffer, subject: string): void {
  const isAnswer =
    answer.length >= HEADER_BYTES + 4 &&
    answer.readUInt16LE(4) === NLMSG_ERROR &&
    answer.readUInt32LE(8) === SEQUENCE;
  if (!isAnswer) throw systemError("EPROTO", "rtnetlink", subject);
  const errno = -answer.readInt32LE(HEADER_BYTES);
  if (errno === 0) return;
  const error = systemError(errnoName(errno), "rtnetlink", subject);
  const words = kernelWords(answer);
  if (words !== "") error.message += `: ${words}`;
  throw error;
}

function kernelWords(answer: Buffer): string {
  const flags = answer.readUInt16LE(6);
  const quoted = HEADER_BYTES + 4;
  if ((flags & NLM_F_ACK_TLVS) === 0 || answer.length < quoted + HEADER_BYTES) return "";
  const quotedLength = (flags & NLM_F_CAPPED) === 0 ? answer.readUInt32LE(quoted) : HEADER_BYTES;
  const end = Math.min(answer.length, answer.readUInt32LE(0));
  for (let offset = quoted + align(quotedLength); offset + 4 <= end; ) {
    const length = answer.readUInt16LE(offset);
    if (length < 4) return "";
    if (answer.readUInt16LE(offset + 2) === NLMSGERR_ATTR_MSG) {
      const text = answer.subarray(offset + 4, Math.min(offset + length, end));
      return text.toString("utf8").replace(/\0.*$/s, "");
    }
    offset += align(length);
  }
  return "";
}

function errnoName(errno: number): ErrnoName {
  const name = errno > 0 ? getSystemErrorName(-errno) : "";
  return name in constants.errno ? (name as ErrnoName) : "EIO";
}

function message(type: number, flags: number, parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32LE(HEADER_BYTES + body.length, 0);
  header.writeUInt16LE(type, 4);
  header.writeUInt16LE(NLM_F_REQUEST | NLM_F_ACK | flags, 6);
  header.writeUInt32LE(SEQUENCE, 8);
  return Buffer.concat([header, body]);
}

function attribute(type: number, value: Uint8Array): Buffer {
  const buffer = Buffer.alloc(align(4 + value.length));
  buffer.writeUInt16LE(4 + value.length, 0);
  buffer.writeUInt16LE(type, 2);
  buffer.set(value, 4);
  return buffer;
}

function align(length: number): number {
  return Math.ceil(length / 4) * 4;
}

function uint16(value: number): Buffer {
  const buffer = Buffer.alloc(2);
  buffer.writeUInt16LE(value);
  return buffer;
}

function uint32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32LE(value);
  return buffer;
}
