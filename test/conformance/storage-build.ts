import { bytesOfSectors, MachineFileSystem } from "./storage-devices.ts";
import type { MachineEvent } from "./storage-events.ts";
import { volumePath } from "./storage-mounts.ts";
import { layoutTextOf, type StorageVector, type VectorDrive } from "./storage-vector.ts";

/** The files, devices and configuration of the machine that a vector describes. */
export async function buildFiles(
  vector: StorageVector,
  note: (event: MachineEvent) => void,
): Promise<MachineFileSystem> {
  const files = new MachineFileSystem(note);
  for (const [name, text] of Object.entries(configurationOf(vector)))
    await files.writeFile(`/tftpdata/${name}`, text);
  if (vector.efi) await files.makeDirectory("/sys/firmware/efi", { parents: true });
  for (const [index, drive] of vector.drives.entries()) await addDrive(drive, index, files);
  for (const device of oldRootsOf(vector)) await addOldRoot(device, vector, files);
  return files;
}

function configurationOf(vector: StorageVector): Readonly<Record<string, string>> {
  const { image, toolsImage } = vector;
  const layout = layoutTextOf(vector);
  return {
    "config.json": '{"Machine": {"Hostname": "host"}}',
    imagename: `${image}\n`,
    imageserver: "image-server:6971\n",
    ...(layout === undefined ? {} : { "storage-layout.json": layout }),
    ...(toolsImage === undefined ? {} : { "tools-imagename": `${toolsImage}\n` }),
  };
}

async function addDrive(drive: VectorDrive, index: number, files: MachineFileSystem): Promise<void> {
  const { name, link, removable, sizeSectors } = drive;
  await files.addBlockClass({
    name,
    link,
    isLink: drive.notlink !== true,
    hasDevice: drive.nodevice !== true,
    isReadable: drive.unreadable !== true,
    sizeBytes: bytesOfSectors(Number(sizeSectors) || 0),
    attributes: {
      size: `${sizeSectors}\n`,
      dev: `8:${index * 16}\n`,
      ...(removable === undefined ? {} : { removable: `${removable}\n` }),
      ...(drive.partition === true ? { partition: "1\n" } : {}),
    },
  });
}

/** Devices of the vector on which the original found an old file-system. */
function oldRootsOf({ drives, expected, expectedAnyOf }: StorageVector): readonly string[] {
  const mounted = [expected, ...(expectedAnyOf ?? [])]
    .flatMap((each) => each?.before ?? [])
    .filter(({ result }) => result === undefined || result === "ok")
    .flatMap(({ mount }) => mount ?? []);
  return drives.map(({ name }) => `/dev/${name}`).filter((device) => mounted.includes(device));
}

/** An ext4 file-system with a root, so that there is something to look at. */
async function addOldRoot(
  device: string,
  { oldRootHasEtc }: StorageVector,
  files: MachineFileSystem,
): Promise<void> {
  const head = Buffer.alloc(4096);
  head.writeUInt16LE(EXT4_MAGIC, EXT4_MAGIC_OFFSET);
  await files.addDevice(device, files.sizeOf(device) ?? 0, true, head);
  const root = volumePath(device);
  await files.makeDirectory(`${root}/usr`, { parents: true });
  if (oldRootHasEtc !== true) return;
  await files.makeDirectory(`${root}/etc`);
  await files.writeFile(`${root}/etc/hostname`, "old\n");
}

/** Linux kernel, fs/ext4/ext4.h: s_magic in the superblock, which lies at 1024. */
const EXT4_MAGIC = 0xef53;
const EXT4_MAGIC_OFFSET = 1024 + 0x38;
