import type { Drive } from "./drives.ts";

/** Kinds of world-wide name that standards make unique; others are whatever a vendor wrote. */
const UNIQUE_NAME = /^(?:naa|eui|nvme|uuid|t10)\./;
/** Nothing but one digit: an identifier that nobody filled in. */
const BLANK_NAME = /^\w+\.([0-9a-f])\1*$/i;
/** A drive on these has one cable. */
const SINGLE_PATH: readonly Drive["transport"][] = ["sata", "usb", "mmc"];

/**
 * The earlier drive that `drive` is another path to (multipath): the same world-wide name, size and serial number. One
 * without a serial number goes by a unique name alone. Bogus names that different drives share are told by the rest.
 */
export function findOtherPath(drive: Drive, earlier: readonly Drive[]): Drive | undefined {
  return earlier.find((other) => isSameDrive(drive, other));
}

function isSameDrive(a: Drive, b: Drive): boolean {
  if (a.wwn === "" || a.wwn !== b.wwn || a.sizeBytes !== b.sizeBytes) return false;
  if (a.serial !== "" && b.serial !== "") return a.serial === b.serial;
  if (SINGLE_PATH.includes(a.transport) || SINGLE_PATH.includes(b.transport)) return false;
  return UNIQUE_NAME.test(a.wwn) && !BLANK_NAME.test(a.wwn) && a.model === b.model;
}
