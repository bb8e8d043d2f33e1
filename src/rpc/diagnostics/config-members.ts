import type { FileSystem } from "../../system/files.ts";
import { redactLines } from "../redaction/redact-lines.ts";
import { isSecretName, redactText } from "../redaction/redact-text.ts";
import type { KnownSecrets } from "./known-secrets.ts";
import type { PlannedMember } from "./member.ts";
import { redactJsonText } from "./redact-file.ts";

const MOST_FILES = 64;
const LIMIT_BYTES = 4 * 2 ** 20;
/** May hold a key, whatever they are called. */
const KEY_STORE = /\.(?:pem|key|p8|p12|pfx|der|jks|gpg|age|kdbx?)$/i;

/**
 * The files of the configuration, read before everything else: what is secret in them is not to be anywhere in the bundle.
 * Files with names of secrets (`random-seed`), binary ones and directories are left out, and named in the errors.
 */
export async function planConfigMembers(
  files: Pick<FileSystem, "readDirectoryText" | "lstat" | "readText">,
  directory: string,
  secrets: KnownSecrets,
  onError: (line: string) => void,
): Promise<readonly PlannedMember[]> {
  const names = await files.readDirectoryText(directory).catch(() => []);
  const members: PlannedMember[] = [];
  for (const name of names.slice(0, MOST_FILES)) {
    const member = `configuration/${name}`;
    if (isSecretName(name) || KEY_STORE.test(name)) {
      onError(`${member} (left out: a secret by its name)`);
      await learn(files, `${directory}/${name}`, secrets);
      continue;
    }
    const text = await readPlain(files, `${directory}/${name}`);
    if (text === undefined) {
      onError(`${member} (left out: not a text file)`);
      continue;
    }
    const redacted = name.endsWith(".json")
      ? await redactJsonText(text, secrets)
      : await redactLines(text, (line) => redactText(line, (secret) => secrets.add(secret)));
    members.push({ name: member, read: async () => redacted });
  }
  return members;
}

/** What a file that is left out holds is secret itself. */
async function learn(
  files: Pick<FileSystem, "lstat" | "readText">,
  path: string,
  secrets: KnownSecrets,
): Promise<void> {
  const text = await readPlain(files, path);
  for (const line of (text ?? "").split("\n").slice(0, 100)) secrets.add(line.trim());
}

async function readPlain(
  files: Pick<FileSystem, "lstat" | "readText">,
  path: string,
): Promise<string | undefined> {
  try {
    if ((await files.lstat(path)).type !== "file") return undefined;
    const text = await files.readText(path, { limitBytes: LIMIT_BYTES });
    return text.includes("\0") ? undefined : text;
  } catch {
    return undefined;
  }
}
