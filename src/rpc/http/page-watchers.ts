import type { ServerResponse } from "node:http";
import { messageChain } from "../../core/errors.ts";
import type { Logger } from "../../core/logger.ts";
import type { Sections } from "./page/sections.ts";
import { type EncodedFrame, PageMoment } from "./page-moment.ts";
import type { PageSource } from "./page-source.ts";

/** More unsent bytes than this: the watcher is left alone until it has caught up. */
const MOST_BACKLOG_BYTES = 256 * 1024;
const PATIENCE_MS = 60_000;

export interface PageWatchersOptions {
  readonly source: PageSource;
  readonly log: Pick<Logger, "error">;
  readonly run: string;
  readonly tickMs: number;
  /** How long a watcher may take nothing of what it was sent. */
  readonly patienceMs?: number;
}

interface Watcher {
  readonly response: ServerResponse;
  /** The newest log entry it was sent. */
  after: number;
  /** It does not have what the others have. */
  isBehind: boolean;
  /** Unsent bytes after the last tick. */
  backlogBytes: number;
  takenAt: number;
}

/**
 * The watchers of the page. Once a tick everything is rendered once, and all that are up to date get the same bytes; one
 * that does not read gets nothing more until it does, and then the whole. While nobody watches, nothing is done.
 */
export class PageWatchers {
  readonly #options: PageWatchersOptions;
  readonly #watchers = new Set<Watcher>();
  #timer: NodeJS.Timeout | undefined;
  #sections: Sections | undefined;
  #newestLog = 0;

  constructor(options: PageWatchersOptions) {
    this.#options = options;
  }

  /** Sends everything at once, log entries only as far as they are newer than number `after`, and from then on changes. */
  add(response: ServerResponse, after: number): void {
    const { source, run, tickMs } = this.#options;
    // A number from the future belongs to an earlier run of the installer.
    const known = after > source.history.sequence ? 0 : after;
    // What it gets now is no tick's: with the next one it gets the whole again.
    const watcher = { response, after: known, isBehind: true, backlogBytes: 0, takenAt: performance.now() };
    this.#watchers.add(watcher);
    response.once("close", () => this.#remove(watcher));
    this.#send(watcher, new PageMoment(source, run).wholeFrame(known));
    this.#timer ??= setInterval(() => this.#tickSafely(), tickMs);
  }

  #remove(watcher: Watcher): void {
    this.#watchers.delete(watcher);
    if (this.#watchers.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#sections = undefined;
  }

  /** What goes wrong with the page must not end an installation: the watchers are let go, and told so by that. */
  #tickSafely(): void {
    try {
      this.#tick();
    } catch (error) {
      for (const { response } of this.#watchers) response.destroy();
      this.#options.log.error(`rendering the page: ${messageChain(error)}`);
    }
  }

  #tick(): void {
    const { source, run } = this.#options;
    const moment = new PageMoment(source, run);
    const after = this.#newestLog;
    const changes = moment.changesSince(this.#sections, after);
    for (const watcher of this.#watchers) {
      if (!this.#isTaking(watcher)) continue;
      const isUpToDate = !watcher.isBehind && watcher.after === after;
      this.#send(watcher, isUpToDate ? changes : moment.wholeFrame(watcher.after));
      watcher.isBehind = false;
    }
    this.#sections = moment.sections;
    this.#newestLog = changes.after;
  }

  /** Whether more may be sent; one that has taken nothing for too long is cut off. */
  #isTaking(watcher: Watcher): boolean {
    const { response, backlogBytes } = watcher;
    const now = performance.now();
    if (response.writableLength === 0 || response.writableLength < backlogBytes) watcher.takenAt = now;
    if (now - watcher.takenAt >= (this.#options.patienceMs ?? PATIENCE_MS)) {
      response.destroy();
      return false;
    }
    watcher.backlogBytes = response.writableLength;
    if (response.writableLength <= MOST_BACKLOG_BYTES) return true;
    watcher.isBehind = true;
    return false;
  }

  #send(watcher: Watcher, { bytes, after }: EncodedFrame): void {
    watcher.response.write(bytes);
    watcher.after = after;
    watcher.backlogBytes = watcher.response.writableLength;
  }
}
