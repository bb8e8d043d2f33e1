import type { Diagnostic } from "../../config/diagnostic.ts";
import { parseImageName } from "../../config/image-name.ts";
import { positionOf } from "../../config/json-node.ts";
import { parseServerAddress } from "../../config/server-address.ts";
import { InstallerError } from "../../core/errors.ts";

/** Fewer bytes cannot fill the kernel's pool at the bit that each is credited with. */
const USEFUL_SEED_BYTES = 256;

/** The file imagename or tools-imagename. */
export function checkImageNameFile(file: string, text: string): readonly Diagnostic[] {
  const start = text.length - text.trimStart().length;
  const controlAt = start + Math.max(0, text.trim().search(/\p{Cc}/u));
  return diagnoseThrown(file, text, controlAt, () => parseImageName(file, text));
}

/** The file imageserver. */
export function checkImageServerFile(file: string, text: string): readonly Diagnostic[] {
  const server = text.trim();
  const at = text.length - text.trimStart().length;
  if (server === "") return [problemAt(file, text, 0, "error", "empty, expected HOST:PORT")];
  return diagnoseThrown(file, text, at, () => parseServerAddress(file, server));
}

/** The file random-seed, of which only the size says anything. */
export function checkRandomSeedSize(file: string, sizeBytes: number): readonly Diagnostic[] {
  if (sizeBytes >= USEFUL_SEED_BYTES) return [];
  const message = `holds ${sizeBytes} bytes, ${USEFUL_SEED_BYTES} or more are needed to fill the random pool`;
  return [problemAt(file, "", 0, "warning", message)];
}

/** For what is wrong with a file as a whole. */
export function problemAt(
  file: string,
  text: string,
  at: number,
  severity: Diagnostic["severity"],
  message: string,
): Diagnostic {
  return { file, ...positionOf(text, at), severity, key: "", message };
}

function diagnoseThrown(file: string, text: string, at: number, check: () => unknown): readonly Diagnostic[] {
  try {
    check();
    return [];
  } catch (error) {
    if (!(error instanceof InstallerError)) throw error;
    const message = error.message.replace(`${file}: `, "");
    return [problemAt(file, text, at, "error", `${message}; ${error.hint}`)];
  }
}
