import { type Pack, pack } from "tar-stream";
import { toError } from "../../core/errors.ts";
import type { SequencedEvent } from "../../engine/event-history.ts";
import { formatLogLine } from "../../engine/log-line.ts";
import type { Snapshot } from "../../engine/snapshot.ts";
import type { CommandRunner } from "../../system/commands.ts";
import type { FileSystem } from "../../system/files.ts";
import type { Clock } from "../../system/power.ts";
import { renderStatusJson } from "../http/status-json.ts";
import { redactLines } from "../redaction/redact-lines.ts";
import { redactText } from "../redaction/redact-text.ts";
import { planConfigMembers } from "./config-members.ts";
import { KnownSecrets } from "./known-secrets.ts";
import { planLogMembers } from "./log-members.ts";
import { planMachineMembers } from "./machine-members.ts";
import { makeMember, type PlannedMember } from "./member.ts";
import { redactJsonText } from "./redact-file.ts";

export interface DiagnosticsOptions {
  readonly files: FileSystem;
  readonly commands: Pick<CommandRunner, "run">;
  readonly clock: Pick<Clock, "nowMs">;
  readonly snapshot: () => Snapshot;
  /** The log in memory, oldest first. */
  readonly logEvents: () => readonly SequencedEvent[];
  /** Empty: no log files. */
  readonly logDirectory: string;
  /** The directory of the configuration files. */
  readonly configurationDirectory: string;
  readonly procDirectory: string;
  readonly sysfsDirectory: string;
  /** Program and arguments as they were given. */
  readonly args: readonly string[];
  /** All contents together; what comes later is left out, and named in the errors. Default 64 MiB. */
  readonly limitBytes?: number;
}

/** Makes a bundle, as a tar stream. Ends with the abort reason when `signal` aborts; stopping to read ends it too. */
export type Diagnose = (signal: AbortSignal) => AsyncIterable<Uint8Array>;

const DEFAULT_LIMIT_BYTES = 64 * 2 ** 20;

/**
 * Everything that helps to find out why a machine does not install, in one tar archive: state, logs, plan, configuration,
 * and what the kernel says. Without secrets: files that are secrets are left out, values with secret names are taken out,
 * and are then taken out wherever else they stand. Each member and the whole are bounded in size, and in time; what could
 * not be had is listed in `errors.txt`.
 */
export function createDiagnostics(options: DiagnosticsOptions): Diagnose {
  return (signal) => streamBundle(options, signal);
}

async function* streamBundle(
  options: DiagnosticsOptions,
  outerSignal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  const stopped = new AbortController();
  const signal = AbortSignal.any([outerSignal, stopped.signal]);
  signal.throwIfAborted();
  const archive = pack();
  const onAbort = (): void => archive.destroy(toError(signal.reason));
  signal.addEventListener("abort", onAbort, { once: true });
  const adding = addMembers(archive, options, signal).catch((error: unknown) =>
    archive.destroy(toError(error)),
  );
  try {
    yield* archive as AsyncIterable<Uint8Array>;
  } finally {
    signal.removeEventListener("abort", onAbort);
    stopped.abort();
    archive.destroy();
    await adding;
  }
}

async function addMembers(archive: Pack, options: DiagnosticsOptions, signal: AbortSignal): Promise<void> {
  const directory = `installer-diagnostics-${fileName(options.snapshot().hostname)}`;
  const modified = new Date(options.clock.nowMs());
  const secrets = new KnownSecrets();
  const errors: string[] = [];
  let room = options.limitBytes ?? DEFAULT_LIMIT_BYTES;
  const add = async (name: string, text: string): Promise<void> => {
    await addEntry(archive, { name: `${directory}/${name}`, mode: 0o600, mtime: modified }, text);
  };
  for (const planned of await planMembers(options, secrets, (line) => errors.push(line))) {
    signal.throwIfAborted();
    const member = await makeMember(planned, signal, (line) => errors.push(line));
    if (member === undefined) continue;
    const content = secrets.takeOut(member.content.toString("utf8"));
    const sizeBytes = Buffer.byteLength(content);
    if (sizeBytes > room) errors.push(`${member.name} (left out: the bundle is large enough)`);
    else {
      room -= sizeBytes;
      await add(member.name, content);
    }
  }
  await add("errors.txt", secrets.takeOut(errors.map((line) => `${redactText(line)}\n`).join("")));
  archive.finalize();
}

/** Command lines and configuration come first: what is secret in it is known from then on. */
async function planMembers(
  options: DiagnosticsOptions,
  secrets: KnownSecrets,
  onError: (line: string) => void,
): Promise<readonly PlannedMember[]> {
  const { files, snapshot } = options;
  const commandLine = await files.readHead(`${options.procDirectory}/cmdline`, 4096).catch(() => "");
  redactText(`${commandLine.toString()} ${options.args.join(" ")}`, (secret) => secrets.add(secret));
  return [
    ...(await planConfigMembers(files, options.configurationDirectory, secrets, onError)),
    { name: "status.json", read: async () => redactJsonText(renderStatusJson(snapshot()), secrets) },
    { name: "plan.json", read: async () => planText(snapshot()) },
    { name: "versions.json", read: async () => versionsText(options) },
    { name: "log/memory.txt", read: async () => redactLines(memoryText(options)) },
    ...(await planLogMembers(files, options.logDirectory, secrets)),
    ...planMachineMembers({ ...options, secrets }),
  ];
}

function planText({ status }: Snapshot): string | undefined {
  return status.plan === undefined ? undefined : `${JSON.stringify(status.plan, null, 2)}\n`;
}

function memoryText({ logEvents }: DiagnosticsOptions): string {
  return logEvents()
    .map(({ event }) => (event.kind === "log" ? `${formatLogLine(event)}\n` : ""))
    .join("");
}

function versionsText({ snapshot, args }: DiagnosticsOptions): string {
  const { version, runtime, machine } = snapshot();
  const shown = { version, runtime, kernel: machine.kernel, args: redactText(args.join(" ")) };
  return `${JSON.stringify(shown, null, 2)}\n`;
}

/** Resolves when the archive has taken the member in, at the pace of its reader. */
async function addEntry(
  archive: Pack,
  header: { readonly name: string; readonly mode: number; readonly mtime: Date },
  content: string,
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    archive.once("close", resolve);
    archive.entry(header, content, (error) => {
      archive.off("close", resolve);
      if (error) reject(error);
      else resolve();
    });
  });
}

/** A host name that can stand in a path. */
function fileName(hostname: string): string {
  return (
    hostname
      .replace(/[^A-Za-z0-9.-]/g, "")
      .replace(/^\.+/, "")
      .slice(0, 64) || "unknown"
  );
}
