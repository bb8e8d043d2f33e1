import { errnoOf, InstallerError, messageChain } from "../../core/errors.ts";
import type { FileSystem } from "../../system/files.ts";
import { type FlagCommand, findFlag, formatFlagWord } from "./flag-command.ts";

/** Read in this order; later ones win, the command line wins over all. The directory is fixed (spec/cli.md section 5). */
export const FLAG_FILES = ["/etc/installer/flags.default", "/etc/installer/flags.extra"] as const;

/** Flag files are written by hand. */
const LIMIT_BYTES = 1024 * 1024;

/**
 * Sets what the flag files say on `command`. Files that do not exist are ignored. Resolves with `version` when a file
 * asks for it. Throws E_FLAG_FILE, naming file and line.
 */
export async function applyFlagFiles(
  command: FlagCommand,
  files: Pick<FileSystem, "readText">,
): Promise<"version" | undefined> {
  for (const path of FLAG_FILES) {
    const text = await readFlagFile(path, files);
    for (const setting of parseFlagFile(text, path)) {
      if (setting.name === "version") return "version";
      applySetting(command, setting);
    }
  }
  return undefined;
}

/** One line of a flag file. */
export interface FlagFileSetting {
  readonly name: string;
  readonly text: string;
  /** `path:line`, for messages. */
  readonly origin: string;
}

/** The settings of a flag file in order, lazily: an error in a line does not hide what stands before it. */
export function* parseFlagFile(text: string, path: string): Generator<FlagFileSetting, void, undefined> {
  for (const [index, rawLine] of text.split("\n").entries()) {
    const line = rawLine.trim();
    if (line === "" || line.startsWith("#") || line.startsWith(";")) continue;
    const origin = `${path}:${index + 1}`;
    const equalsAt = line.indexOf("=");
    if (equalsAt === -1) throw badLine(origin, `bad line, cannot split name from value: ${line}`);
    const name = line.slice(0, equalsAt).trim();
    if (/\s/.test(name)) throw badLine(origin, `bad line, name has whitespace: ${line}`);
    yield { name, text: line.slice(equalsAt + 1).trim(), origin };
  }
}

function badLine(origin: string, reason: string): InstallerError {
  return new InstallerError("E_FLAG_FILE", `${origin}: ${reason}`);
}

function applySetting(command: FlagCommand, { name, text, origin }: FlagFileSetting): void {
  if (findFlag(command, name) === undefined) throw badLine(origin, `no such flag -${name}`);
  try {
    command.parseOptions([formatFlagWord(name, text)]);
  } catch (cause) {
    throw new InstallerError("E_FLAG_FILE", origin, { cause });
  }
}

async function readFlagFile(path: string, files: Pick<FileSystem, "readText">): Promise<string> {
  try {
    return await files.readText(path, { limitBytes: LIMIT_BYTES });
  } catch (cause) {
    const errno = errnoOf(cause);
    if (errno === "ENOENT") return "";
    const reason = errno === "EISDIR" ? "is a directory" : messageChain(cause);
    throw new InstallerError("E_FLAG_FILE", `read ${path}: ${reason}`);
  }
}
