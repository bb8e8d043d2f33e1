import { posix } from "node:path";
import { formatBytes } from "../../core/byte-size.ts";
import { publishImage } from "../../imageserver/publish-image.ts";
import type { CommandContext } from "../command.ts";
import type { ImageStoreFlags } from "../flags/image-flags.ts";
import { writeOutput } from "../write-output.ts";

/** A progress line on standard error no more often than this. */
const PROGRESS_INTERVAL_MS = 2_000;

/** Publishes a tree or tar file as an image. */
export async function run(
  context: CommandContext,
  args: readonly string[],
  own: ImageStoreFlags,
): Promise<number> {
  const { log, signal, stdout, openHost } = context;
  const [name = "", source = ""] = args;
  const host = await openHost();
  let printedMs = host.clock.monotonicMs();
  const published = await publishImage({
    name,
    source: posix.resolve(source),
    imageDirectory: posix.resolve(own.imageDir),
    objectDirectory: posix.resolve(own.objectDir),
    host,
    signal,
    log,
    onProgress: (files, bytes) => {
      const nowMs = host.clock.monotonicMs();
      if (nowMs - printedMs < PROGRESS_INTERVAL_MS) return;
      printedMs = nowMs;
      log.info(`${files} files (${formatBytes(bytes)})`);
    },
  });
  const { inodes, regularFiles, dataBytes, objects } = published;
  const summary = `${inodes} inodes, ${regularFiles} files with ${formatBytes(dataBytes)}, ${objects} objects`;
  await writeOutput(stdout, `added image ${published.name}: ${summary}\n`);
  return 0;
}
