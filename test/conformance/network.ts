import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { parseMachineConfig } from "../../src/config/machine-config.ts";
import { InstallerError, messageChain } from "../../src/core/errors.ts";
import { type Logger, silentLogger } from "../../src/core/logger.ts";
import { chooseInterface } from "../../src/network/choose-interface.ts";
import type { MachineNetwork } from "../../src/network/model.ts";
import { renderResolvConf } from "../../src/network/resolv-conf.ts";
import { writeTargetNetwork } from "../../src/network/target/write-target-network.ts";
import type { NetworkInterface } from "../../src/system/interfaces.ts";
import { systemError } from "../../src/system/system-error.ts";
import type { ConformanceSet, Report } from "./report.ts";

interface NetworkCase {
  readonly name: string;
  readonly config?: unknown;
  readonly configText?: string;
  readonly interfaces: readonly CaseInterface[];
  readonly missingTargetDirectories?: readonly string[];
  readonly expected: Expected;
}

interface CaseInterface {
  readonly name: string;
  readonly mac: string;
  readonly carrier: boolean;
  readonly device: string;
}

interface Expected {
  readonly configError?: string;
  readonly error?: string;
  readonly crash?: string;
  readonly files: Readonly<Record<string, string>>;
  readonly down: readonly string[];
  readonly log: readonly string[];
  readonly injected?: InjectedExpectation;
}

interface InjectedExpectation {
  readonly error?: string;
  readonly interface?: string;
  readonly ip?: string;
  readonly subnetId?: string;
  readonly netmask?: string;
  readonly gateway?: string;
  readonly resolvConf?: string;
}

/** What our own step did with a case. */
interface Outcome {
  readonly error?: unknown;
  readonly files: Readonly<Record<string, string>>;
  readonly down: readonly string[];
  readonly log: readonly string[];
}

const MOUNT_POINT = "/mnt";

/** Machine information and interfaces → network files of the new system and the interface to install over. */
export const networkSet: ConformanceSet = {
  name: "network",
  async run(vectorDirectory, report) {
    const directory = join(vectorDirectory, "network");
    const names = await readdir(directory).catch(() => []);
    for (const name of names.filter((entry) => entry.endsWith(".json")).sort()) {
      const vector = JSON.parse(await readFile(join(directory, name), "utf8")) as NetworkCase;
      await report.check(vector.name, () => checkCase(vector, report));
    }
  },
};

async function checkCase(vector: NetworkCase, report: Report): Promise<string | undefined> {
  const text = vector.configText ?? JSON.stringify(vector.config);
  let network: MachineNetwork;
  try {
    network = parseMachineConfig("config.json", text).value;
  } catch (error) {
    return checkError(error, vector.expected.configError);
  }
  if (vector.expected.configError !== undefined) return "config.json was accepted";
  return (
    checkInjected(vector, network) ?? checkTarget(vector, network, await writeTarget(vector, network), report)
  );
}

function checkInjected(vector: NetworkCase, network: MachineNetwork): string | undefined {
  const expected = vector.expected.injected;
  if (expected === undefined) return undefined;
  try {
    const { interfaceName, address, subnet } = chooseInterface(network, vector.interfaces.map(toInterface));
    const got: InjectedExpectation = {
      interface: interfaceName,
      ip: address,
      subnetId: subnet.id,
      netmask: subnet.mask,
      gateway: subnet.gateway,
      resolvConf: renderResolvConf(subnet),
    };
    for (const [key, value] of Object.entries(got)) {
      if (expected[key as keyof InjectedExpectation] !== value) return `injected ${key}: ${value}`;
    }
    return undefined;
  } catch (error) {
    return checkError(error, expected.error);
  }
}

function checkTarget(
  vector: NetworkCase,
  network: MachineNetwork,
  got: Outcome,
  report: Report,
): string | undefined {
  const { expected } = vector;
  const refusal = findRefusalRule(vector, network);
  if (refusal !== undefined) {
    report.applyRule(refusal);
    return got.error instanceof InstallerError && got.error.code === "E_NETWORK_PLAN"
      ? undefined
      : "not refused";
  }
  if ((vector.missingTargetDirectories ?? []).length > 0) {
    report.applyRule("R-NET-MISSING-DIRECTORIES");
    return got.error === undefined ? undefined : messageChain(got.error);
  }
  if (got.error !== undefined || expected.error !== undefined) return checkError(got.error, expected.error);
  const correction = findCorrectionRule(vector, network);
  if (correction !== undefined) {
    report.applyRule(correction.rule);
    return correction.check(got.files["etc/network/interfaces"] ?? "");
  }
  return compare(got, expected);
}

/** Cases that the original gets wrong and that we refuse. */
function findRefusalRule({ expected }: NetworkCase, network: MachineNetwork): string | undefined {
  if (expected.crash !== undefined) return "R-NET-NO-ADDRESS";
  const { gatewaySubnetId, subnets } = network;
  const isUnknown = gatewaySubnetId !== "" && !subnets.some(({ id }) => id === gatewaySubnetId);
  return isUnknown ? "R-NET-GATEWAY-SUBNET" : undefined;
}

interface Correction {
  readonly rule: string;
  /** Why the interfaces file is not what the rule promises. */
  readonly check: (interfaces: string) => string | undefined;
}

/** Cases in which we write something better than the original did. */
function findCorrectionRule(
  { expected, interfaces }: NetworkCase,
  network: MachineNetwork,
): Correction | undefined {
  const text = expected.files["etc/network/interfaces"] ?? "";
  if (/^auto \S+\.0$/m.test(text)) {
    return {
      rule: "R-NET-UNTAGGED-TRUNK-ADDRESS",
      check: (got) =>
        /^auto \S+\.0$/m.test(got) || !/^iface (bond0|\S+) inet static\n(\t.*\n)*\taddress /m.test(got)
          ? got
          : undefined,
    };
  }
  const trunks = network.entries.filter(({ vlanTrunk }) => vlanTrunk).map(({ macAddress }) => macAddress);
  const claimed = new Set(network.entries.map(({ macAddress }) => macAddress));
  const hasSpare = interfaces.some(({ mac, carrier }) => carrier && !claimed.has(mac));
  if (trunks.length === 0 || !hasSpare) return undefined;
  const name = interfaces.find(({ mac }) => mac === trunks[0])?.name;
  return {
    rule: "R-NET-DECLARED-TRUNK",
    check: (got) => (got.includes("bond0") || !got.includes(`vlan-raw-device ${name}`) ? got : undefined),
  };
}

async function writeTarget(vector: NetworkCase, network: MachineNetwork): Promise<Outcome> {
  const files: Record<string, string> = {};
  const down: string[] = [];
  const log: string[] = [];
  const keep = (message: string): void => void log.push(message);
  const logger: Logger = { ...silentLogger, info: keep, debug: (_level, message) => keep(message) };
  const outcome = { files, down, log };
  const find = (name: string): CaseInterface | undefined =>
    vector.interfaces.find((each) => each.name === name);
  try {
    await writeTargetNetwork(
      {
        log: logger,
        interfaces: {
          hasCarrier: async (name) => find(name)?.carrier ?? false,
          setUp: async (name, up) => void (up || down.push(name)),
        },
        files: {
          async readLink(path) {
            const device = find(String(path).split("/")[4] ?? "")?.device ?? "";
            if (device === "") throw systemError("ENOENT", "readlink", path);
            return Buffer.from(device);
          },
          async lstat(path) {
            throw systemError("ENOENT", "lstat", path);
          },
          readDirectoryText: async () => [],
          makeDirectory: async () => undefined,
          makeSymlink: async () => undefined,
          async writeFileAtomic(path, content) {
            files[String(path).slice(MOUNT_POINT.length + 1)] = content.toString();
          },
        },
      },
      { mountPoint: MOUNT_POINT, network, interfaces: vector.interfaces.map(toInterface), renderer: "auto" },
    );
    return outcome;
  } catch (error) {
    return { ...outcome, error };
  }
}

function toInterface({ name, mac, carrier }: CaseInterface): NetworkInterface {
  return {
    name,
    macAddress: mac,
    hasCarrier: carrier,
    isUp: true,
    isBroadcast: true,
    isPhysical: true,
    mtu: 1500,
  };
}

function compare(got: Outcome, expected: Expected): string | undefined {
  const names = new Set([...Object.keys(got.files), ...Object.keys(expected.files)]);
  for (const name of names) {
    const [ours, theirs] = [sortRules(name, got.files[name]), sortRules(name, expected.files[name])];
    if (ours !== theirs) return `${name}: got ${JSON.stringify(ours)}, expected ${JSON.stringify(theirs)}`;
  }
  if (!isDeepStrictEqual(got.down.toSorted(), expected.down.toSorted())) return `down: ${got.down.join(" ")}`;
  return isDeepStrictEqual(got.log.toSorted(), expected.log.toSorted())
    ? undefined
    : `log: ${got.log.join("; ")}`;
}

function sortRules(name: string, text: string | undefined): string | undefined {
  return name.endsWith(".rules") ? text?.split("\n").sort().join("\n") : text;
}

/** The words of the original's libraries (`json: ..`, `readlink ..`) are not ours; its own are part of our message. */
function checkError(error: unknown, expected: string | undefined): string | undefined {
  if (error === undefined) return `no error, expected ${expected}`;
  if (!(error instanceof InstallerError)) return `threw ${messageChain(error)}`;
  if (expected === undefined) return messageChain(error);
  if (/^(json|readlink|open)\b/.test(expected) || messageChain(error).includes(expected)) return undefined;
  return `error ${JSON.stringify(messageChain(error))}, expected ${JSON.stringify(expected)}`;
}
