import { formatBytes } from "../core/byte-size.ts";
import { formatMilliseconds, formatSeconds } from "../core/duration.ts";
import { messageChain } from "../core/errors.ts";
import type { Step } from "../engine/step.ts";
import { fetchMissing } from "../objectcache/fetch-missing.ts";
import type { ImageServerAddress, ImageServerConnector } from "./image-server-access.ts";
import type { ObjectCache } from "./reuse-objects.step.ts";

export interface DownloadInput {
  readonly cache: ObjectCache;
  readonly server: ImageServerAddress;
  readonly connector: ImageServerConnector;
}

/** Fetches every object that is still missing; afterwards all are present and verified. */
export const downloadObjects: Step<DownloadInput, void> = {
  id: "download-objects",
  title: "Download the missing objects",
  destructive: false,
  async run({ cache, server, connector }, { log, progress, signal }) {
    const missing = await cache.store.missing(cache.wanted.keys());
    if (missing.size === 0) {
      log.info("object cache already has all required objects");
      return;
    }
    const missingBytes = [...missing].reduce((sum, id) => sum + (cache.wanted.get(id) ?? 0), 0);
    log.info(`downloading ${missing.size} objects (${formatBytes(missingBytes)})`);
    progress.start("bytes", missingBytes);
    using _wait = progress.waitFor(`objects from the image server ${server.host}:${server.port}`);
    let reportedBytes = 0;
    const { objects, bytes, durationMs } = await fetchMissing({
      wanted: cache.wanted,
      store: cache.store,
      source: connector.objectSource(server, log),
      signal,
      onProgress: (fetched) => {
        progress.advance(fetched.bytes - reportedBytes);
        reportedBytes = fetched.bytes;
      },
      onRetry: (error, attempt, delayMs) =>
        log.warn(
          `download interrupted (attempt ${attempt}), going on in ${formatSeconds(delayMs / 1000)}: ${messageChain(error)}`,
        ),
    });
    const rate = formatBytes(Math.round(bytes / Math.max(durationMs / 1000, 0.001)));
    const elapsed = formatMilliseconds(durationMs);
    log.info(`downloaded ${objects} objects (${formatBytes(bytes)}) in ${elapsed} (${rate}/s)`);
  },
};
