import { decodeLoadOption, type LoadOption, partitionGuidOf } from "./efi-load-option.ts";

/** Where a new entry goes in the firmware's order; `none`: the firmware's variables are left alone. */
export type EfiBootEntryPlace = "last" | "first" | "none";

/** The firmware's boot entries as found. */
export interface BootEntries {
  /** Content of the `Boot####` variables by number. */
  readonly options: ReadonlyMap<number, Uint8Array>;
  /** BootOrder; undefined when there is none. */
  readonly order: readonly number[] | undefined;
}

/** What is to be done to them. */
export interface BootEntryPlan {
  /** Number of the variable that gets our entry. */
  readonly number: number;
  /** Older entries of ours. */
  readonly removed: readonly number[];
  readonly order: readonly number[];
}

/** How our entries are recognised. The original makes none, and no other program calls its entries so. */
export const DESCRIPTION_PREFIX = "installer: ";

const GLOBAL_VARIABLES = "8be4df61-93ca-11d2-aa0d-00e098032b8c";
const OPTION_NAME = new RegExp(`^Boot([0-9A-F]{4})-${GLOBAL_VARIABLES}$`);
const HIGHEST_NUMBER = 0xffff;

/** File name of BootOrder in efivarfs. */
export const BOOT_ORDER_NAME = `BootOrder-${GLOBAL_VARIABLES}`;

/** File name of `Boot####` in efivarfs. */
export function bootOptionName(number: number): string {
  return `Boot${number.toString(16).toUpperCase().padStart(4, "0")}-${GLOBAL_VARIABLES}`;
}

/** The number in the file name of a `Boot####` variable; undefined for other names. */
export function parseBootOptionName(name: string): number | undefined {
  const digits = OPTION_NAME.exec(name)?.[1];
  return digits === undefined ? undefined : Number.parseInt(digits, 16);
}

/** BootOrder is an array of numbers; a byte too many at its end is ignored. */
export function decodeBootOrder(bytes: Uint8Array): readonly number[] {
  const content = Buffer.from(bytes);
  return Array.from({ length: Math.floor(content.byteLength / 2) }, (_, index) =>
    content.readUInt16LE(2 * index),
  );
}

export function encodeBootOrder(order: readonly number[]): Buffer {
  const content = Buffer.alloc(2 * order.length);
  order.forEach((number, index) => {
    content.writeUInt16LE(number, 2 * index);
  });
  return content;
}

/**
 * Decides where `entry` goes. Older entries of ours (by DESCRIPTION_PREFIX, or on the same partition) are replaced, so that
 * installing again and again never piles them up; entries of others stay as they are. With `last` a replaced entry keeps its
 * place in the order and a new one goes to its end, behind the network that a fleet boots from. Undefined when every number
 * is taken.
 */
export function planBootEntry(
  { options, order = [] }: BootEntries,
  entry: LoadOption,
  place: Exclude<EfiBootEntryPlace, "none">,
): BootEntryPlan | undefined {
  const ours = [...options.keys()]
    .filter((number) => isOurs(options.get(number), entry))
    .toSorted((a, b) => rank(order, a) - rank(order, b) || a - b);
  const number = ours[0] ?? findFreeNumber(options, order);
  if (number === undefined) return undefined;
  const removed = ours.slice(1);
  const others = order.filter((listed) => listed !== number && !removed.includes(listed));
  if (place === "first") return { number, removed, order: [number, ...others] };
  if (!order.includes(number)) return { number, removed, order: [...others, number] };
  const before = order.slice(0, order.indexOf(number)).filter((listed) => others.includes(listed));
  return { number, removed, order: [...before, number, ...others.slice(before.length)] };
}

function isOurs(bytes: Uint8Array | undefined, entry: LoadOption): boolean {
  const option = bytes === undefined ? undefined : decodeLoadOption(bytes);
  if (option === undefined) return false;
  if (option.description.startsWith(DESCRIPTION_PREFIX)) return true;
  const [theirs, wanted] = [partitionGuidOf(option), partitionGuidOf(entry)];
  return theirs !== undefined && wanted !== undefined && Buffer.from(theirs).equals(wanted);
}

function rank(order: readonly number[], number: number): number {
  const index = order.indexOf(number);
  return index === -1 ? order.length : index;
}

/** The order may list numbers whose variable is gone: those are left to whoever put them there. */
function findFreeNumber(options: BootEntries["options"], order: readonly number[]): number | undefined {
  const taken = new Set([...options.keys(), ...order]);
  for (let number = 0; number <= HIGHEST_NUMBER; number++) if (!taken.has(number)) return number;
  return undefined;
}
