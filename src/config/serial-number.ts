import type { FileSystem } from "../system/files.ts";

const DMI_DIRECTORY = "/sys/class/dmi/id";
const MAXIMUM_BYTES = 256;

/** What vendors leave in the field. */
const PLACEHOLDERS: ReadonlySet<string> = new Set([
  "",
  "0123456789",
  "System Serial Number",
  "To be filled by O.E.M.",
]);

/** Where a serial number was found, for the log, and the number. */
export interface SerialNumber {
  readonly origin: "product_serial" | "board_serial";
  readonly text: string;
}

/** The serial number of the machine, else of its board; undefined when neither is known (spec/configuration.md 7.2). */
export async function readSerialNumber(
  files: Pick<FileSystem, "readHead">,
): Promise<SerialNumber | undefined> {
  for (const origin of ["product_serial", "board_serial"] as const) {
    const head = await files.readHead(`${DMI_DIRECTORY}/${origin}`, MAXIMUM_BYTES).catch(() => undefined);
    const text = head?.toString("utf8").trim() ?? "";
    if (!PLACEHOLDERS.has(text)) return { origin, text };
  }
  return undefined;
}
