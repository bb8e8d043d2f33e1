import type { FileSystemType, MountBy } from "./layout.ts";

/** Where the identifiers of new file-systems come from. */
export interface IdentitySource {
  readonly mountBy: MountBy;
  /** A new random UUID (RFC 9562, version 4, lower case) with each call. */
  readonly newUuid: () => string;
}

export interface VolumeIdentity {
  /** See FileSystemPlan.uuid. */
  readonly uuid: string | undefined;
  /** See Volume.luksUuid. */
  readonly luksUuid: string | undefined;
}

/** Identifiers for a volume; none when labels are what counts. */
export function planIdentity(
  type: FileSystemType,
  encrypted: boolean,
  { mountBy, newUuid }: IdentitySource,
): VolumeIdentity {
  if (mountBy !== "uuid") return { uuid: undefined, luksUuid: undefined };
  const uuid = newUuid();
  return {
    uuid: type === "vfat" ? formatVolumeId(uuid) : uuid,
    luksUuid: encrypted ? newUuid() : undefined,
  };
}

/** vfat has a volume identifier of 32 bits, which blkid and fstab write as `ABCD-0123`. */
function formatVolumeId(uuid: string): string {
  const digits = uuid.slice(0, 8).toUpperCase();
  return `${digits.slice(0, 4)}-${digits.slice(4)}`;
}
