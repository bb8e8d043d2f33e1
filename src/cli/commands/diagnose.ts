import { posix } from "node:path";
import { formatBytes } from "../../core/byte-size.ts";
import { millisecondsOf } from "../../core/duration.ts";
import { InstallerError } from "../../core/errors.ts";
import type { FileSystem } from "../../system/files.ts";
import type { CommandContext } from "../command.ts";
import type { DiagnoseFlags } from "../flags/remote-flags.ts";
import { converseOnce } from "../remote/converse.ts";
import { openMachine } from "../remote/open-machine.ts";
import { writeOutput } from "../write-output.ts";

/** Several times what an installer sends; an archive is held in memory until it is complete. */
const MAX_ARCHIVE_BYTES = 512 * 2 ** 20;
const PROGRESS_INTERVAL_MS = 2_000;
/** Logs and configuration are not for everybody. */
const PRIVATE = 0o600;

/** Fetches what a person needs to find out what went wrong. */
export async function run(
  context: CommandContext,
  [host = ""]: readonly string[],
  { certDirectory, force, insecure, o: output, wait }: DiagnoseFlags,
): Promise<number> {
  const { stdout, log, openHost } = context;
  if (output === "")
    throw new InstallerError("E_USAGE", "name the file with -o FILE, or -o - for standard output");
  const { files } = await openHost();
  if (output !== "-" && !force) await checkIsFree(files, output);
  const target = await openMachine(context, {
    host,
    certDirectory,
    limitMs: millisecondsOf(wait),
    ...(insecure ? {} : { grant: "Installer.Diagnose" }),
  });
  const archive = await converseOnce(
    async (client) => collect(client.diagnose(context.signal), { ...context, ...target }),
    target,
  );
  if (output === "-") await writeOutput(stdout, archive);
  else await write(files, output, archive);
  log.info(`${output === "-" ? "archive" : output}: ${formatBytes(archive.length)}`);
  return 0;
}

async function checkIsFree(files: FileSystem, path: string): Promise<void> {
  if (!(await files.exists(path))) return;
  throw new InstallerError("E_OUTPUT", `${path} exists`, { hint: "-force replaces it" });
}

async function collect(
  pieces: AsyncIterable<Uint8Array>,
  { log, clock }: Pick<CommandContext, "log"> & { readonly clock: { monotonicMs(): number } },
): Promise<Buffer> {
  const kept: Uint8Array[] = [];
  let bytes = 0;
  let printedMs = clock.monotonicMs();
  for await (const piece of pieces) {
    kept.push(piece);
    bytes += piece.length;
    if (bytes > MAX_ARCHIVE_BYTES)
      throw new InstallerError(
        "E_SRPC_PROTOCOL",
        `the archive is larger than ${formatBytes(MAX_ARCHIVE_BYTES)}`,
      );
    if (clock.monotonicMs() - printedMs < PROGRESS_INTERVAL_MS) continue;
    printedMs = clock.monotonicMs();
    log.info(`received ${formatBytes(bytes)}`);
  }
  return Buffer.concat(kept, bytes);
}

async function write(files: FileSystem, path: string, archive: Buffer): Promise<void> {
  try {
    await files.writeFileAtomic(posix.resolve(path), archive, { mode: PRIVATE });
  } catch (cause) {
    throw new InstallerError("E_OUTPUT", `writing ${path}`, { cause });
  }
}
