import { COMMANDS, DAEMON } from "../../src/cli/command-table.ts";
import { createFakeHost } from "../support/fake-host.ts";
import { type InProcessResult, runInProcess } from "../support/program-in-process.ts";
import { compareWithExpected, type ExpectedInode } from "./image-unpack.ts";
import type { Parties } from "./srpc-parties.ts";
import { callsOf, isListOfAll, PlayedServer } from "./srpc-player.ts";
import { coderOf, isAccepted, type ReplayVerdict } from "./srpc-replay.ts";
import { type Item, readConversation } from "./srpc-script.ts";
import type { RecordedConnection, Transcript } from "./srpc-transcript.ts";
import { textField } from "./srpc-value.ts";

/** A command of ours that does what a recorded client did. */
interface ClientCommand {
  readonly argv: readonly string[];
  /** Whether it unpacks an image at TARGET. */
  readonly isUnpacking: boolean;
}

const TARGET = "/target";
const TIMEOUT_MS = 15_000;
const FILES = {
  CAfile: "/etc/ssl/CA.pem",
  certFile: "/etc/ssl/cert.pem",
  keyFile: "/etc/ssl/key.pem",
} as const;

/** Directories that are mounted into an unpacked image. */
const SYSTEM = { "/dev/": "", "/proc/": "", "/sys/": "", "/tmp/": "" };

/**
 * Plays the server of a transcript to the command of ours that does what its client did: the installer's own, and
 * `list-images` for `imagetool list`. Undefined when there is no such command. `inodes` is what the recorded images
 * unpack to.
 */
export async function checkAsClient(
  transcript: Transcript,
  parties: Parties,
  inodes: readonly ExpectedInode[],
): Promise<ReplayVerdict | undefined> {
  const [recorded, ...more] = transcript.connections;
  if (recorded === undefined || more.length > 0 || coderOf(recorded) !== "gob") return undefined;
  const items = await readConversation(recorded.exchange, "gob");
  const command = commandFor(transcript.meta.client, recorded, items);
  if (command === undefined) return undefined;
  await using server = new PlayedServer(recorded, items, parties);
  const port = await server.listen();
  const host = createFakeHost({ files: { ...SYSTEM, ...certificateFiles(recorded, parties) } });
  const argv = [...flagsOf(recorded, port), ...command.argv];
  const openHost = (): typeof host & AsyncDisposable => ({ ...host, [Symbol.asyncDispose]: async () => {} });
  // A client that gets no further tries again for as long as it is allowed to.
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const result = await runInProcess({ argv, daemon: DAEMON, commands: COMMANDS, openHost, signal });
  const rules = [...server.rules];
  const why =
    server.problems[0] ??
    compareResult(result, transcript.meta) ??
    (server.leftOver.length > 0 ? `does not ask for ${server.leftOver.join(", ")}` : undefined) ??
    (command.isUnpacking ? await compareWithExpected({ directory: TARGET, host }, inodes) : undefined);
  return { rules, ...(why === undefined ? {} : { why }) };
}

function commandFor(
  client: string,
  recorded: RecordedConnection,
  items: readonly Item[],
): ClientCommand | undefined {
  const list: ClientCommand = { argv: ["list-images"], isUnpacking: false };
  const [first] = callsOf(items);
  const method = first?.[0]?.method;
  if (client === "imagetool") {
    const isList = first === undefined ? !isAccepted(recorded) : isListOfAll(first);
    return isList ? list : undefined;
  }
  if (client !== "installer") return undefined;
  if (method === "ImageServer.ListImages") return list;
  const request = first?.find(({ side, role }) => side === "c" && role === "data")?.content;
  if (method !== "ImageServer.GetImage" || request?.kind !== "value") return undefined;
  const name = textField(request.value, "ImageName");
  return {
    argv: ["load-image", name, TARGET],
    isUnpacking: callsOf(items).at(-1)?.[0]?.method !== "ImageServer.CheckDirectory",
  };
}

function certificateFiles(
  { commonName }: RecordedConnection,
  parties: Parties,
): Readonly<Record<string, string>> {
  if (commonName === undefined) return {};
  const { certificate, key } = parties.client(commonName);
  return { [FILES.CAfile]: parties.authority, [FILES.certFile]: certificate, [FILES.keyFile]: key };
}

function flagsOf({ commonName }: RecordedConnection, port: number): readonly string[] {
  const address = ["-imageServerHostname=127.0.0.1", `-imageServerPortNum=${port}`];
  if (commonName === undefined) return address;
  return [...address, ...Object.entries(FILES).map(([flag, path]) => `-${flag}=${path}`)];
}

/** What people see in the end; the words of other programs than the installer are theirs. */
function compareResult(
  { exitCode, stdout, stderr }: InProcessResult,
  meta: Transcript["meta"],
): string | undefined {
  if (exitCode !== meta.clientExit) return `exit code ${exitCode}, recorded ${meta.clientExit}: ${stderr}`;
  if (stdout.toString("utf8") !== (meta.clientStdout ?? "")) return `prints ${stdout.toString("utf8")}`;
  if (meta.clientExit === 0) return undefined;
  const reason = meta.clientStderr?.trimEnd().split("\n").at(-1) ?? "";
  if (meta.client !== "installer") return stderr === "" ? "fails without a word" : undefined;
  return stderr.includes(reason)
    ? undefined
    : `says ${JSON.stringify(stderr)}, recorded ${JSON.stringify(reason)}`;
}
