import type { MachineFacts } from "../facts.ts";
import { type FactFiles, readDriveFacts } from "./drive-facts.ts";
import { cleanHardwareText } from "./hardware-text.ts";
import { readAttribute } from "./read-attribute.ts";

/** Where sysfs and procfs are mounted. */
export interface FactRoots {
  readonly sysfs: string;
  readonly proc: string;
}

/** Enough for the largest machines: cpuinfo has about 1.5 KiB a processor. */
const CPUINFO_LIMIT_BYTES = 4 * 2 ** 20;
const MEMINFO_LIMIT_BYTES = 64 * 1024;

/** A machine of which nothing is known yet. */
export const UNKNOWN_MACHINE: MachineFacts = {
  vendor: "",
  model: "",
  serial: "",
  cpu: "",
  cpuCount: 0,
  memoryBytes: 0,
  availableMemoryBytes: 0,
  firmware: "bios",
  kernel: "",
  drives: [],
};

/**
 * What this machine is (DMI tables as the kernel shows them, proc(5), sysfs). Never rejects: what cannot be read is
 * empty. Texts are cleaned, since hardware and hypervisors may say anything.
 */
export async function readMachineFacts(files: FactFiles, { sysfs, proc }: FactRoots): Promise<MachineFacts> {
  const dmi = async (name: string): Promise<string> =>
    cleanHardwareText(await readAttribute(files, `${sysfs}/class/dmi/id/${name}`));
  const cpus = await readTable(files, `${proc}/cpuinfo`, CPUINFO_LIMIT_BYTES);
  const memory = await readTable(files, `${proc}/meminfo`, MEMINFO_LIMIT_BYTES);
  return {
    vendor: (await dmi("sys_vendor")) || (await dmi("board_vendor")),
    model: (await dmi("product_name")) || (await deviceTreeModel(files, sysfs)),
    serial: (await dmi("product_serial")) || (await dmi("chassis_serial")) || (await dmi("board_serial")),
    cpu: cleanHardwareText(valueOf(cpus, "model name") ?? valueOf(cpus, "Model") ?? ""),
    cpuCount: cpus.filter(([name]) => name === "processor").length,
    memoryBytes: kibibytes(valueOf(memory, "MemTotal")),
    availableMemoryBytes: kibibytes(valueOf(memory, "MemAvailable")),
    firmware: (await files.exists(`${sysfs}/firmware/efi`).catch(() => false)) ? "efi" : "bios",
    kernel: cleanHardwareText(await readAttribute(files, `${proc}/sys/kernel/osrelease`)),
    drives: await readDriveFacts(files, sysfs),
  };
}

/** Boards without DMI tables, such as most ARM ones. */
async function deviceTreeModel(files: FactFiles, sysfs: string): Promise<string> {
  return cleanHardwareText(await readAttribute(files, `${sysfs}/firmware/devicetree/base/model`));
}

type Table = readonly (readonly [name: string, value: string])[];

/** The lines `name : value` of a file in procfs. */
async function readTable(files: FactFiles, path: string, limitBytes: number): Promise<Table> {
  try {
    const text = (await files.readHead(path, limitBytes)).toString("utf8");
    return text.split("\n").flatMap((line) => {
      const colon = line.indexOf(":");
      return colon < 0 ? [] : [[line.slice(0, colon).trim(), line.slice(colon + 1).trim()] as const];
    });
  } catch {
    return [];
  }
}

function valueOf(table: Table, name: string): string | undefined {
  return table.find(([candidate]) => candidate === name)?.[1];
}

function kibibytes(value: string | undefined): number {
  const [, count] = /^(\d{1,13}) kB$/.exec(value ?? "") ?? [];
  return count === undefined ? 0 : Number(count) * 1024;
}
