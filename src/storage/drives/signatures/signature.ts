/** A mark that some system left on a drive or partition, by which it recognises its own data. */
export interface Signature {
  /** For programs: `gpt`, `ext4`, `lvm-member`. Several places of one kind (primary, backup) have the same type. */
  readonly type: string;
  /** For people: `LVM physical volume of group vg0`; printable ASCII of bounded length. */
  readonly text: string;
  /** Where the magic bytes lie, as wipefs(8) counts it: from the start of the drive or partition. */
  readonly offsetBytes: number;
  /** What would lose a part if the device were erased: `LVM group vg0`. Absent when the data stands alone. */
  readonly memberOf?: string;
}

/** Those bytes of a device that have been read. */
export interface DeviceBytes {
  readonly sizeBytes: number;
  /** Undefined when any of them lies beyond the end or has not been read. */
  readonly read: (offsetBytes: number, lengthBytes: number) => Buffer | undefined;
}

/** Looks for the signatures of one kind of system. Believes nothing that it reads, never throws. */
export type Recogniser = (device: DeviceBytes) => readonly Signature[];

const LONGEST_TEXT = 64;

/** Text that a device claims, up to the first NUL: printable ASCII only, other bytes as `?`, at most 64 characters. */
export function cleanText(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return bytes
    .subarray(0, end < 0 ? bytes.byteLength : end)
    .toString("latin1")
    .replaceAll(/[^\x20-\x7e]/g, "?")
    .trim()
    .slice(0, LONGEST_TEXT);
}

/** ` "rootfs"`, or nothing for a file-system without label. */
export function formatLabel(label: string): string {
  return label === "" ? "" : ` ${JSON.stringify(label)}`;
}

/** 16 bytes as RFC 9562 writes them. */
export function formatUuid(bytes: Buffer): string {
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** Whether `text` (one byte a character) stands at the offset. */
export function hasText(device: DeviceBytes, offsetBytes: number, text: string): boolean {
  return device.read(offsetBytes, text.length)?.toString("latin1") === text;
}
