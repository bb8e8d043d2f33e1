import { errnoOf, InstallerError } from "../../core/errors.ts";
import type { FileSystem } from "../../system/files.ts";
import { OPTION } from "./codec.ts";
import { type DhcpLease, formatLeaseMask } from "./lease.ts";
import { formatOptionName } from "./option-names.ts";

/** Where the original keeps its record of DHCP answers. */
export const PACKET_LOG_DIRECTORY = "/var/log/installer/dhcp";

const HIGHEST_NUMBER = 100;

/** File name to content of one packet's log directory (spec/configuration.md 6.5); options sorted by code. */
export function renderPacketLog(lease: DhcpLease): ReadonlyMap<string, string | Buffer> {
  const options = [...lease.options].sort(([a], [b]) => a - b);
  const hasMask = (lease.options.get(OPTION.subnetMask)?.length ?? 0) >= 4;
  return new Map<string, string | Buffer>([
    ["interface", `${lease.interfaceName}\n`],
    ["ipaddr", `${lease.address}\n`],
    ...(hasMask ? [["netmask", `${formatLeaseMask(lease)}\n`] as const] : []),
    ["router", `${lease.router}\n`],
    ["packet", lease.packet],
    ["options", options.map(renderOption).join("")],
    ...options.map(([code, value]) => [`option.${code}_${formatOptionName(code)}`, value] as const),
  ]);
}

/** What writing the log takes. */
export type PacketLogFiles = Pick<FileSystem, "makeDirectory" | "writeFile">;

/**
 * Writes the log of `lease` below `directory` under the lowest free number 0..100 and returns its path. Rejects with
 * E_SYSTEM_CALL when no number is free, and with system errors.
 */
export async function writePacketLog(
  files: PacketLogFiles,
  lease: DhcpLease,
  directory: string = PACKET_LOG_DIRECTORY,
): Promise<string> {
  await files.makeDirectory(directory, { parents: true, mode: 0o755 });
  const path = await makeNumberedDirectory(files, directory);
  for (const [name, content] of renderPacketLog(lease)) await files.writeFile(`${path}/${name}`, content);
  return path;
}

async function makeNumberedDirectory(files: PacketLogFiles, directory: string): Promise<string> {
  for (let number = 0; number <= HIGHEST_NUMBER; number++) {
    const path = `${directory}/${number}`;
    try {
      await files.makeDirectory(path, { mode: 0o755 });
      return path;
    } catch (error) {
      if (errnoOf(error) !== "EEXIST") throw error;
    }
  }
  throw new InstallerError("E_SYSTEM_CALL", `reached DHCP logging limit: empty out: ${directory}`, {
    hint: `remove the numbered directories below ${directory}`,
  });
}

function renderOption([code, value]: readonly [number, Buffer]): string {
  const hex = value.length === 0 ? "" : `0x${value.toString("hex")}`;
  const isPrintable = value.every((byte) => byte >= 0x20 && byte <= 0x7e);
  const text = isPrintable ? `("${value.toString("latin1")}")` : "";
  const number = String(code).padStart(3);
  return `Code: ${number}/${formatOptionName(code)}\n  value: ${hex}${text}\n`;
}
