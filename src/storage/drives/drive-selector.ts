import { formatBytes } from "../../core/byte-size.ts";
import type { Drive } from "./drives.ts";
import type { Transport } from "./transport.ts";

/**
 * What the operator knows about a drive (storage-layout.json, `BootDrive` and `DataDrives`). All that is given must be
 * so; nothing is a pattern. Sizes are bytes, both ends included.
 */
export interface DriveSelector {
  readonly serial?: string | undefined;
  readonly wwn?: string | undefined;
  readonly model?: string | undefined;
  readonly path?: string | undefined;
  readonly minimumBytes?: number | undefined;
  readonly maximumBytes?: number | undefined;
  readonly transport?: Transport | undefined;
  readonly rotational?: boolean | undefined;
}

/** A selector that must match exactly `count` drives. */
export interface CountedDriveSelector extends DriveSelector {
  readonly count: number;
}

interface Criterion {
  /** As in the file: `Serial "S1"`. */
  readonly text: string;
  /** What the drive has instead; undefined when it is as wanted. */
  readonly mismatch: (drive: Drive) => string | undefined;
}

/** Whether the selector names one drive rather than a kind of drive. */
export function namesOneDrive({ serial, wwn, path }: DriveSelector): boolean {
  return serial !== undefined || wwn !== undefined || path !== undefined;
}

/** The selector as text, in the keys of the file: `Model "X", Transport sata`; "" when it has no criterion. */
export function formatSelector(selector: DriveSelector): string {
  return criteriaOf(selector)
    .map(({ text }) => text)
    .join(", ");
}

/** Why `drive` is not what `selector` asks for, one text a criterion that is not met; none when it is. */
export function findMismatches(drive: Drive, selector: DriveSelector): readonly string[] {
  return criteriaOf(selector).flatMap(({ mismatch }) => mismatch(drive) ?? []);
}

/** Blanks around and in rows do not count: vendors pad. */
export function normaliseText(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}

/** A world-wide name without its kind, which tools spell differently (`0x`, `naa.`, `eui.`), in lower case. */
export function normaliseWwn(text: string): string {
  return normaliseText(text)
    .toLowerCase()
    .replace(/^(?:0x|naa\.|eui\.)/, "");
}

/** A position in one spelling of the several that /dev/disk/by-path has for it. */
export function normalisePath(text: string): string {
  return normaliseText(text)
    .replace(/^\/dev\/disk\/by-path\//, "")
    .replace(/^virtio-pci-/, "pci-")
    .replace(/-usbv\d+-/, "-usb-")
    .replace(/-ata-(\d+)\.0$/, "-ata-$1");
}

function criteriaOf(selector: DriveSelector): readonly Criterion[] {
  const { minimumBytes, maximumBytes, transport, rotational } = selector;
  return [
    ...equality("Serial", selector.serial, ({ serial }) => serial, normaliseText),
    ...equality("Wwn", selector.wwn, ({ wwn }) => wwn, normaliseWwn),
    ...equality("Model", selector.model, ({ model }) => model, normaliseText),
    ...equality("Path", selector.path, ({ path }) => path, normalisePath),
    ...(minimumBytes === undefined
      ? []
      : [
          {
            text: `MinimumBytes ${minimumBytes}`,
            mismatch: ({ sizeBytes }: Drive) =>
              sizeBytes >= minimumBytes ? undefined : `smaller than MinimumBytes (${formatBytes(sizeBytes)})`,
          },
        ]),
    ...(maximumBytes === undefined
      ? []
      : [
          {
            text: `MaximumBytes ${maximumBytes}`,
            mismatch: ({ sizeBytes }: Drive) =>
              sizeBytes <= maximumBytes ? undefined : `larger than MaximumBytes (${formatBytes(sizeBytes)})`,
          },
        ]),
    ...(transport === undefined
      ? []
      : [
          {
            text: `Transport ${transport}`,
            mismatch: (drive: Drive) =>
              drive.transport === transport ? undefined : `Transport is ${drive.transport}`,
          },
        ]),
    ...(rotational === undefined
      ? []
      : [
          {
            text: `Rotational ${rotational}`,
            mismatch: (drive: Drive) =>
              drive.rotational === rotational ? undefined : `Rotational is ${drive.rotational}`,
          },
        ]),
  ];
}

function equality(
  key: string,
  wanted: string | undefined,
  valueOf: (drive: Drive) => string,
  normalise: (text: string) => string,
): readonly Criterion[] {
  if (wanted === undefined) return [];
  const mismatch = (drive: Drive) => {
    const value = valueOf(drive);
    // A drive that does not say is never the one that is meant.
    if (normalise(value) === "") return `${key} is unknown`;
    return normalise(value) === normalise(wanted) ? undefined : `${key} is ${JSON.stringify(value)}`;
  };
  return [{ text: `${key} ${JSON.stringify(wanted)}`, mismatch }];
}
