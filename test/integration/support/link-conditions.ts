import type { NetworkLab } from "./network-lab.ts";

/** Loses 5 % of the UDP packets of both directions, before anybody sees them, packet sockets included. */
export async function loseUdpPackets(lab: NetworkLab): Promise<void> {
  const drop = "ip protocol udp numgen random mod 100 < 5 drop";
  await lab.onServer("nft", ingressTable("s0", drop));
  await lab.onClient("nft", ingressTable("c0", drop));
}

/**
 * Clears the broadcast flag (RFC 2131 section 4.1) in every DHCP message of the client, so that a server answers by
 * unicast, and counts the DHCP answers that are broadcast all the same.
 */
export async function clearBroadcastFlag(lab: NetworkLab): Promise<void> {
  // 18 bytes from the start of the UDP header, whose checksum is optional.
  await lab.onServer("nft", ingressTable("s0", "udp dport 67 @th,144,16 set 0 udp checksum set 0"));
  await lab.onClient("nft", ingressTable("c0", "ether daddr ff:ff:ff:ff:ff:ff udp dport 68 counter"));
}

/** The DHCP answers that were broadcast since `clearBroadcastFlag`. */
export async function countBroadcastAnswers(lab: NetworkLab): Promise<number> {
  const text = await lab.onClient("nft", "list table netdev lab");
  return Number(/counter packets (\d+)/.exec(text)?.[1]);
}

/** Limits what the server's end sends, so that a transfer lasts (tc-tbf(8); a rate such as `1mbit`). */
export async function limitRate(lab: NetworkLab, rate: string): Promise<void> {
  const bucket = ["tbf", "rate", rate, "burst", "32kb", "latency", "400ms"];
  await lab.onServer("tc", "qdisc", "add", "dev", "s0", "root", ...bucket);
}

/** When the port `s0` of a switch began to forward, in milliseconds since 1970; waits for it, for at most a minute. */
export async function portForwardsAtMs(lab: NetworkLab): Promise<number> {
  const state = "/sys/class/net/s0/brport/state";
  const script = `until [ "$(cat ${state})" = 3 ]; do sleep 0.02; done; date +%s%3N`;
  return Number(await lab.onServer("timeout", "60", "sh", "-c", script));
}

/** Pulls the cable of `cN`, or plugs it in again. */
export async function setCable(lab: NetworkLab, index: number, plugged: boolean): Promise<void> {
  await lab.onServer("ip", "link", "set", `s${index}`, plugged ? "up" : "down");
}

function ingressTable(device: string, rule: string): string {
  const hook = `type filter hook ingress device ${device} priority 0;`;
  return `table netdev lab {\n chain in {\n ${hook}\n ${rule}\n }\n}`;
}
