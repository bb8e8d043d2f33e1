import type { FileSystem } from "../../system/files.ts";
import type { Interfaces } from "../../system/interfaces.ts";
import type { InterfaceFacts } from "../facts.ts";
import { cleanHardwareText } from "./hardware-text.ts";
import { readCount } from "./read-attribute.ts";

/** More than these are the virtual ones of something else. */
const MOST_INTERFACES = 128;
const MEGABIT = 1_000_000;

/** The network interfaces but the loopback one, by name. Never rejects: what cannot be read is left out. */
export async function readInterfaceFacts(
  interfaces: Pick<Interfaces, "list" | "listAddresses">,
  files: Pick<FileSystem, "readHead">,
  sysfs: string,
): Promise<readonly InterfaceFacts[]> {
  const found = await interfaces.list().catch(() => []);
  const shown = found.filter(({ name }) => name !== "lo").slice(0, MOST_INTERFACES);
  return Promise.all(
    shown.map(async ({ name, macAddress, isUp, hasCarrier, mtu, isPhysical }) => ({
      name: cleanHardwareText(name),
      macAddress: cleanHardwareText(macAddress),
      isUp,
      hasCarrier,
      // A link that is down has -1 or cannot be read.
      speedBps: hasCarrier ? (await readCount(files, `${sysfs}/class/net/${name}/speed`)) * MEGABIT : 0,
      mtu,
      addresses: await interfaces.listAddresses(name).catch(() => []),
      isPhysical,
    })),
  );
}
