import { access, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { NetworkInterface } from "../interfaces.ts";

const CLASS_DIRECTORY = "/sys/class/net";
const IFF_UP = 0x1;
const IFF_BROADCAST = 0x2;

/** The interfaces in /sys/class/net, by name. */
export async function readInterfaces(): Promise<readonly NetworkInterface[]> {
  const names = (await readdir(CLASS_DIRECTORY)).sort();
  const found = await Promise.all(names.map(async (name) => readInterface(name)));
  return found.filter((entry) => entry !== undefined);
}

/** False for an interface that is down or unknown. */
export async function readCarrier(name: string): Promise<boolean> {
  // Reading the carrier of an interface that is down fails with EINVAL.
  return (await readAttribute(name, "carrier"))?.startsWith("1") ?? false;
}

/** Undefined when the interface vanished meanwhile, or the entry is none (`bonding_masters`). */
async function readInterface(name: string): Promise<NetworkInterface | undefined> {
  const flagText = await readAttribute(name, "flags");
  if (flagText === undefined) return undefined;
  const flags = Number.parseInt(flagText, 16);
  const [hasDevice, isBond, isBridge] = await Promise.all(
    ["device", "bonding", "bridge"].map(async (attribute) => hasAttribute(name, attribute)),
  );
  return {
    name,
    macAddress: (await readAttribute(name, "address")) ?? "",
    isUp: (flags & IFF_UP) !== 0,
    isBroadcast: (flags & IFF_BROADCAST) !== 0,
    isPhysical: hasDevice === true && isBond === false && isBridge === false,
    hasCarrier: await readCarrier(name),
    mtu: Number.parseInt((await readAttribute(name, "mtu")) ?? "0", 10),
  };
}

async function readAttribute(interfaceName: string, attribute: string): Promise<string | undefined> {
  try {
    return (await readFile(join(CLASS_DIRECTORY, interfaceName, attribute), "utf8")).trim();
  } catch {
    return undefined;
  }
}

async function hasAttribute(interfaceName: string, attribute: string): Promise<boolean> {
  try {
    await access(join(CLASS_DIRECTORY, interfaceName, attribute));
    return true;
  } catch {
    return false;
  }
}
