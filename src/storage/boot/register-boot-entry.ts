import { InstallerError, messageChain } from "../../core/errors.ts";
import type { FileSystem } from "../../system/files.ts";
import type { Drive } from "../drives/drives.ts";
import type { StorageEnvironment } from "../environment.ts";
import type { BootDrivePlan, StoragePlan } from "../plan/plan.ts";
import type { Architecture } from "./boot-info.ts";
import {
  BOOT_ORDER_NAME,
  type BootEntries,
  bootOptionName,
  DESCRIPTION_PREFIX,
  decodeBootOrder,
  type EfiBootEntryPlace,
  encodeBootOrder,
  parseBootOptionName,
  planBootEntry,
} from "./efi-boot-entries.ts";
import {
  END_OF_PATH,
  encodeLoadOption,
  filePathNode,
  hardDriveNode,
  LOAD_OPTION_ACTIVE,
  type LoadOption,
} from "./efi-load-option.ts";
import { type GptPartition, parseGptHeader, parseGptPartition } from "./gpt.ts";

/** Where efivarfs is mounted; a fixed path, as that of the test for EFI (spec/storage.md section 4). */
const EFI_VARIABLES = "/sys/firmware/efi/efivars";

/** What efivarfs keeps before the content: non-volatile, for boot services and at run time. */
const ATTRIBUTES = Uint8Array.of(7, 0, 0, 0);

/** Default boot loader of a drive (UEFI specification 2.10, section 3.5.1.1): what grub-install --removable writes. */
const LOADER_PATHS: Readonly<Record<Architecture, string>> = {
  amd64: "\\EFI\\BOOT\\BOOTX64.EFI",
  arm64: "\\EFI\\BOOT\\BOOTAA64.EFI",
};

type RegisterEnvironment = Pick<StorageEnvironment, "files" | "log">;

/**
 * Gives the firmware a boot entry for the new system. Nothing depends on it: the loader lies where firmware looks anyway. So
 * whatever goes wrong (no efivarfs, full or broken variable store) is a warning, and this never rejects.
 */
export async function registerBootEntry(
  plan: StoragePlan,
  architecture: Architecture,
  place: EfiBootEntryPlace,
  { files, log }: RegisterEnvironment,
): Promise<void> {
  if (plan.firmware !== "efi" || place === "none") return;
  try {
    const partition = await readBootPartition(plan.bootDrive, files);
    const entry = bootEntry(plan.bootDrive.drive, partition, architecture);
    const number = await storeBootEntry(entry, place, files);
    log.info(`EFI boot entry ${bootOptionName(number).slice(0, 8)}: ${entry.description}`);
  } catch (error) {
    log.warn(`no EFI boot entry, the firmware has to find the drive by itself: ${messageChain(error)}`);
  }
}

/** The firmware's menu is read by people: the drive's model tells them most. */
function bootEntry(drive: Drive, partition: GptPartition, architecture: Architecture): LoadOption {
  return {
    attributes: LOAD_OPTION_ACTIVE,
    description: `${DESCRIPTION_PREFIX}${drive.model === "" ? drive.name : drive.model}`,
    filePath: [hardDriveNode(partition), filePathNode(LOADER_PATHS[architecture]), END_OF_PATH],
    optionalData: new Uint8Array(),
  };
}

async function readBootPartition(
  { drive, bootPartition }: BootDrivePlan,
  files: Pick<FileSystem, "readAt">,
): Promise<GptPartition> {
  const { devicePath, logicalSectorBytes } = drive;
  const fail = (defect: string) =>
    new InstallerError("E_EFI_BOOT_ENTRY", `reading the partition table of ${devicePath}: ${defect}`);
  const header = parseGptHeader(await files.readAt(devicePath, logicalSectorBytes, logicalSectorBytes));
  if ("defect" in header) throw fail(header.defect);
  const entries = await files.readAt(
    devicePath,
    header.entriesLba * logicalSectorBytes,
    header.entryCount * header.entryBytes,
  );
  const partition = parseGptPartition(entries, header, bootPartition);
  if ("defect" in partition) throw fail(partition.defect);
  return partition;
}

/** Resolves with the number of the entry. Old entries go first, because the store is small and may be full. */
async function storeBootEntry(
  entry: LoadOption,
  place: Exclude<EfiBootEntryPlace, "none">,
  files: FileSystem,
): Promise<number> {
  const found = await readBootEntries(files);
  const plan = planBootEntry(found, entry, place);
  if (plan === undefined) throw new InstallerError("E_EFI_BOOT_ENTRY", "every boot entry number is taken");
  for (const number of plan.removed) await files.removeFile(`${EFI_VARIABLES}/${bootOptionName(number)}`);
  const name = bootOptionName(plan.number);
  await writeVariable(name, encodeLoadOption(entry), found.options.get(plan.number), files);
  const oldOrder = found.order && encodeBootOrder(found.order);
  await writeVariable(BOOT_ORDER_NAME, encodeBootOrder(plan.order), oldOrder, files);
  return plan.number;
}

async function readBootEntries(files: FileSystem): Promise<BootEntries> {
  const names = await files.readDirectoryText(EFI_VARIABLES);
  // sysfs has the directory even when nothing is mounted there.
  if (names.length === 0)
    throw new InstallerError("E_EFI_BOOT_ENTRY", `efivarfs is not mounted on ${EFI_VARIABLES}`);
  const options = new Map<number, Uint8Array>();
  for (const name of names) {
    const number = parseBootOptionName(name);
    if (number !== undefined) options.set(number, await readVariable(name, files));
  }
  const order = names.includes(BOOT_ORDER_NAME)
    ? decodeBootOrder(await readVariable(BOOT_ORDER_NAME, files))
    : undefined;
  return { options, order };
}

async function readVariable(name: string, files: FileSystem): Promise<Uint8Array> {
  return (await files.readFile(`${EFI_VARIABLES}/${name}`)).subarray(ATTRIBUTES.byteLength);
}

/** Writes only what differs (the store wears out); a variable that could not be made leaves no empty file. */
async function writeVariable(
  name: string,
  content: Buffer,
  old: Uint8Array | undefined,
  files: FileSystem,
): Promise<void> {
  if (old !== undefined && content.equals(old)) return;
  const path = `${EFI_VARIABLES}/${name}`;
  try {
    await files.writeFile(path, Buffer.concat([ATTRIBUTES, content]));
  } catch (error) {
    if (old === undefined) await files.removeFile(path).catch(() => undefined);
    throw new InstallerError("E_EFI_BOOT_ENTRY", `writing the firmware variable ${name}`, { cause: error });
  }
}
