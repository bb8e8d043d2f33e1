import type { StorageEnvironment } from "../environment.ts";
import { readDrivePartitions } from "./drive-partitions.ts";
import type { Drive } from "./drives.ts";
import type { Signature } from "./signatures/signature.ts";
import { readSignatures } from "./signatures.ts";

/** What the drive itself or one of its partitions carries now. */
export interface DeviceContents {
  /** Kernel name: `sda`, `sda1`. */
  readonly name: string;
  readonly signatures: readonly Signature[];
}

/** What a drive carries before it is erased. */
export interface DriveContents {
  readonly drive: DeviceContents;
  /** In order of their place. */
  readonly partitions: readonly DeviceContents[];
}

/**
 * Reads what a drive and its partitions carry, for people and for refusing to take a member of something larger by
 * accident. Changes nothing. What cannot be read shows as a signature of type `unreadable`.
 */
export async function readDriveContents(
  { name, devicePath, sizeBytes }: Pick<Drive, "name" | "devicePath" | "sizeBytes">,
  environment: Pick<StorageEnvironment, "files" | "sysfsDirectory">,
): Promise<DriveContents> {
  const read = async (deviceName: string, startBytes: number, lengthBytes: number) => ({
    name: deviceName,
    signatures: await readSignatures(
      { path: devicePath, startBytes, sizeBytes: lengthBytes },
      environment.files,
    ).catch(() => [{ type: "unreadable", text: "cannot be read", offsetBytes: 0 }]),
  });
  const drive = await read(name, 0, sizeBytes);
  const partitions: DeviceContents[] = [];
  for (const partition of await readDrivePartitions(name, environment))
    partitions.push(await read(partition.name, partition.startBytes, partition.sizeBytes));
  return { drive, partitions };
}

/** What would lose a part if the drive were erased: `LVM group vg0`; undefined when everything on it stands alone. */
export function findMembership({ drive, partitions }: DriveContents): string | undefined {
  const larger = [drive, ...partitions]
    .flatMap(({ signatures }) => signatures)
    .flatMap(({ memberOf }) => memberOf ?? []);
  return larger.length === 0 ? undefined : [...new Set(larger)].join(", ");
}

/** For people, one item for the drive's own marks and one for each partition: `GPT`, `sda1: ext4 "rootfs"`. */
export function formatContents({ drive, partitions }: DriveContents): readonly string[] {
  const own = formatSignatures(drive.signatures);
  return [
    ...(own === "" ? [] : [own]),
    ...partitions.map(
      ({ name, signatures }) => `${name}: ${formatSignatures(signatures) || "nothing known"}`,
    ),
  ];
}

/** One mention of each thing, however many copies of its mark there are. */
function formatSignatures(signatures: readonly Signature[]): string {
  const hasGpt = signatures.some(({ type }) => type === "gpt");
  const texts = new Map<string, string>();
  for (const { type, memberOf = "", text } of signatures) {
    const key = `${type} ${memberOf}`;
    if (!texts.has(key) && !(hasGpt && type === "protective-mbr")) texts.set(key, text);
  }
  return [...texts.values()].join(", ");
}
