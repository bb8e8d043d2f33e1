import type { FileSystem } from "../../system/files.ts";
import { redactLines } from "../redaction/redact-lines.ts";
import type { KnownSecrets } from "./known-secrets.ts";
import { MEMBER_LIMIT_BYTES, type PlannedMember } from "./member.ts";
import { redactJsonLines } from "./redact-file.ts";

/** Log files, by their names, and the journal; not whatever else lies in that directory. */
const LOG_NAME = /^\d{4}-\d\d-\d\d:\d\d:\d\d:\d\d(?:\.\d{1,3})?$/;
const JOURNAL = "events.jsonl";
const MOST_LOGS = 5;

/** The newest log files, the ends of them if they are long, and the journal of events. */
export async function planLogMembers(
  files: Pick<FileSystem, "readDirectoryText" | "stat" | "readAt">,
  directory: string,
  secrets: KnownSecrets,
): Promise<readonly PlannedMember[]> {
  const names = directory === "" ? [] : await files.readDirectoryText(directory).catch(() => []);
  const logs = names
    .filter((name) => LOG_NAME.test(name))
    .toSorted()
    .slice(-MOST_LOGS);
  const members = logs.map((name) => ({
    // Colons are trouble for other systems.
    name: `log/${name.replaceAll(":", "-")}.txt`,
    read: async () => redactLines(await readEnd(files, `${directory}/${name}`)),
  }));
  if (!names.includes(JOURNAL)) return members;
  const read = async (): Promise<string> =>
    redactJsonLines(await readEnd(files, `${directory}/${JOURNAL}`), secrets);
  return [...members, { name: JOURNAL, read }];
}

async function readEnd(files: Pick<FileSystem, "stat" | "readAt">, path: string): Promise<string> {
  const { sizeBytes } = await files.stat(path);
  const start = Math.max(0, sizeBytes - MEMBER_LIMIT_BYTES);
  return (await files.readAt(path, start, Math.min(sizeBytes, MEMBER_LIMIT_BYTES))).toString("utf8");
}
