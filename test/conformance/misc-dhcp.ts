import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { InstallerError } from "../../src/core/errors.ts";
import { findKernelParameter } from "../../src/core/kernel-command-line.ts";
import { planFromLease } from "../../src/network/bring-up.ts";
import { parseDhcpMessage } from "../../src/network/dhcp/codec.ts";
import { type DhcpLease, formatLeaseMask, parseLease } from "../../src/network/dhcp/lease.ts";
import { renderPacketLog } from "../../src/network/dhcp/packet-log.ts";
import { chooseHostname } from "../../src/network/hostname.ts";
import { renderResolvConf } from "../../src/network/resolv-conf.ts";
import { chooseTftpServer } from "../../src/network/tftp-server-choice.ts";
import type { Report } from "./report.ts";

type LogFile =
  | string
  | { readonly hex: string }
  | { readonly sameAsPacket: true }
  | { readonly linePairs: readonly (readonly [string, string])[] };

interface DhcpCase {
  readonly name: string;
  readonly packetHex: string;
  readonly interface: string;
  readonly kernelCommandLine: string;
  readonly tftpServerHostnameFlag?: string;
  readonly expected: {
    readonly tftpServer?: string;
    readonly hostnameSet?: string;
    readonly commands?: readonly string[];
    readonly resolvConf?: string;
    readonly logDirectoryFiles?: Readonly<Record<string, LogFile>>;
    readonly workerError?: string;
    readonly error?: string;
  };
}

/** What is compared, by name; a file of the packet log is `log/NAME`. */
type Facts = Map<string, string | undefined>;

/** The DHCP cases of the set "misc" (misc/dhcp/*.json). */
export async function checkDhcp(vectorDirectory: string, report: Report): Promise<void> {
  const directory = join(vectorDirectory, "misc/dhcp");
  const names = await readdir(directory).catch(() => []);
  for (const name of names.filter((entry) => entry.endsWith(".json")).sort()) {
    const vector = JSON.parse(await readFile(join(directory, name), "utf8")) as DhcpCase;
    await report.check(`misc/dhcp: ${vector.name}`, () => checkCase(vector, report));
  }
}

function checkCase(vector: DhcpCase, report: Report): string | undefined {
  const packet = Buffer.from(vector.packetHex, "hex");
  const error = vector.expected.workerError ?? vector.expected.error;
  let lease: DhcpLease;
  try {
    lease = parseLease(vector.interface, parseDhcpMessage(packet), packet);
  } catch (thrown) {
    if (!(thrown instanceof InstallerError)) throw thrown;
    return error !== undefined && thrown.message.includes(error) ? undefined : `refused: ${thrown.message}`;
  }
  if (error !== undefined) return `accepted, expected ${error}`;
  const got = collectFacts(vector, lease);
  const expected = collectExpected(vector, packet);
  const rules = new Set<string>();
  for (const [rule, name, value] of findCorrections(vector, lease, packet)) {
    rules.add(rule);
    if (value === ANYTHING) got.delete(name);
    if (value === ANYTHING) expected.delete(name);
    else expected.set(name, value);
  }
  for (const rule of rules) report.applyRule(rule);
  for (const name of new Set([...got.keys(), ...expected.keys()])) {
    if (got.get(name) !== expected.get(name))
      return `${name}: got ${JSON.stringify(got.get(name))}, expected ${JSON.stringify(expected.get(name))}`;
  }
  return undefined;
}

function collectFacts(vector: DhcpCase, lease: DhcpLease): Facts {
  const { kernelCommandLine, tftpServerHostnameFlag: flag = "" } = vector;
  const kernelParameter = findKernelParameter(kernelCommandLine, "tftpserver", "last");
  const hostname = chooseHostname(
    lease.hostname,
    findKernelParameter(kernelCommandLine, "hostname", "first"),
  );
  const active = planFromLease(lease);
  return new Map<string, string | undefined>([
    ["tftpServer", chooseTftpServer({ flag, kernelParameter, lease })?.host],
    ["hostname", hostname.name],
    ["address", `ifconfig ${active.interfaceName} ${active.address} netmask ${formatLeaseMask(lease)} up`],
    ["route", `route add default gw ${active.gateway}`],
    ["resolvConf", renderResolvConf(active)],
    ...[...renderPacketLog(lease)].map(
      ([name, content]) => [`log/${name}`, Buffer.from(content).toString("latin1")] as const,
    ),
  ]);
}

function collectExpected({ expected }: DhcpCase, packet: Buffer): Facts {
  return new Map<string, string | undefined>([
    ["tftpServer", expected.tftpServer],
    ["hostname", expected.hostnameSet],
    ["address", expected.commands?.[0]],
    ["route", expected.commands?.[1]],
    ["resolvConf", expected.resolvConf],
    ...Object.entries(expected.logDirectoryFiles ?? {}).map(
      ([name, file]) => [`log/${name}`, readLogFile(file, packet)] as const,
    ),
  ]);
}

function readLogFile(file: LogFile, packet: Buffer): string {
  if (typeof file === "string") return file;
  if ("hex" in file) return Buffer.from(file.hex, "hex").toString("latin1");
  if ("linePairs" in file) return file.linePairs.map((pair) => `${pair.join("\n")}\n`).join("");
  return packet.toString("latin1");
}

/** The part is not compared under this rule. */
const ANYTHING = Symbol("anything");

type Correction = readonly [rule: string, part: string, value: string | undefined | typeof ANYTHING];

/** Where we differ on purpose, found by what the packet holds. */
function* findCorrections(vector: DhcpCase, lease: DhcpLease, packet: Buffer): Generator<Correction> {
  const router = lease.options.get(3);
  if (router !== undefined && router.length > 4) {
    yield ["R-DHCP-FIRST-ROUTER", "route", `route add default gw ${router.subarray(0, 4).join(".")}`];
    yield ["R-DHCP-FIRST-ROUTER", "log/router", `${router.subarray(0, 4).join(".")}\n`];
  }
  // Option 119, which the original never asks for.
  if (lease.searchDomains.length > 0)
    yield ["R-DHCP-DOMAIN-SEARCH", "resolvConf", renderResolvConf(planFromLease(lease))];
  if (lease.maskIsGuessed) yield ["R-DHCP-GUESSED-MASK", "address", ANYTHING];
  const { tftpServer = "" } = vector.expected;
  if (tftpServer === "<nil>") yield ["R-DHCP-NO-TFTP-SERVER", "tftpServer", undefined];
  if (tftpServer.startsWith("?"))
    yield ["R-DHCP-TFTP-SERVER-TEXT", "tftpServer", Buffer.from(tftpServer.slice(1), "hex").toString()];
  yield* findHostnameCorrections(vector, lease);
  const isOverloaded = lease.options.has(52);
  for (const code of lease.options.keys()) {
    const pieces = countPieces(packet, code);
    if (pieces === 1) continue;
    const rule = isOverloaded && pieces === 0 ? "R-DHCP-OVERLOAD" : "R-DHCP-JOINED-OPTIONS";
    for (const part of [
      "options",
      ...[...renderPacketLog(lease).keys()].filter((name) => name.startsWith(`option.${code}_`)),
    ])
      yield [rule, `log/${part}`, ANYTHING];
    if (code === 15) yield [rule, "resolvConf", renderResolvConf(planFromLease(lease))];
    if (code === 12) yield [rule, "hostname", lease.hostname];
  }
}

function* findHostnameCorrections(vector: DhcpCase, lease: DhcpLease): Generator<Correction> {
  const names = [lease.hostname, findKernelParameter(vector.kernelCommandLine, "hostname", "first")];
  const dotted = names.find((name) => name?.includes("."));
  if (dotted !== undefined) yield ["R-DHCP-HOSTNAME-DOTS", "hostname", dotted.split(".")[0]?.toLowerCase()];
}

/** How often an option stands in the options field itself; counted apart from the codec. */
function countPieces(packet: Buffer, code: number): number {
  let count = 0;
  for (let at = 240; at < packet.length && packet[at] !== 255; ) {
    if (packet[at] === 0) {
      at += 1;
      continue;
    }
    count += packet[at] === code ? 1 : 0;
    at += 2 + (packet[at + 1] ?? 0);
  }
  return count;
}
