import { isIPv4, isIPv6 } from "node:net";

/** Four groups of 16 bits: what a site hands to each of its networks (RFC 6177), and a host may choose freely within. */
const NETWORK_GROUPS = 4;

/**
 * Whom to count a connection from `address` for: an IPv4 address, however it is written, or the /64 network of an IPv6
 * address, because one host has all the addresses of it. Link-local neighbours share one such network and count singly.
 */
export function sourceOf(address: string): string {
  const [bare = ""] = address.split("%", 1);
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(bare)?.[1];
  if (mapped !== undefined && isIPv4(mapped)) return mapped;
  if (!isIPv6(bare) || /^fe[89ab]/i.test(bare)) return bare.toLowerCase();
  return `${expandGroups(bare).slice(0, NETWORK_GROUPS).join(":")}::/64`;
}

/** The leading groups without leading zeros, those that `::` stands for included; enough of them for a network. */
function expandGroups(address: string): readonly string[] {
  const [head = "", tail] = address.toLowerCase().split("::");
  const groups = head === "" ? [] : head.split(":");
  if (tail !== undefined) {
    const after = tail === "" ? [] : tail.split(":");
    // A dotted quad at the end stands for two groups.
    const afterCount = after.length + (tail.includes(".") ? 1 : 0);
    groups.push(...Array.from({ length: 8 - groups.length - afterCount }, () => "0"), ...after);
  }
  return groups.map((group) => group.replace(/^0+(?=.)/, ""));
}
