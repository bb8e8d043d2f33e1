import type { Clock } from "../system/power.ts";
import type { ImageRepository, RepositoryListing } from "./image-repository.ts";

/** Another process may publish, so the directory is looked at, for all who watch together. */
const PERIOD_MS = 1000;

/** The listing of a repository for any number of callers that follow its changes. */
export class ListingWatch {
  readonly #repository: Pick<ImageRepository, "list">;
  readonly #clock: Pick<Clock, "monotonicMs" | "sleep">;
  #latest: Promise<RepositoryListing> | undefined;
  #readAtMs = 0;

  constructor(repository: Pick<ImageRepository, "list">, clock: Pick<Clock, "monotonicMs" | "sleep">) {
    this.#repository = repository;
    this.#clock = clock;
  }

  /** Waits for a period to pass and resolves with what there is then; rejects when aborted. */
  async next(signal: AbortSignal): Promise<RepositoryListing> {
    await this.#clock.sleep(PERIOD_MS, signal);
    return this.current();
  }

  /** What there was at most half a period ago. */
  async current(): Promise<RepositoryListing> {
    const nowMs = this.#clock.monotonicMs();
    if (this.#latest === undefined || nowMs - this.#readAtMs >= PERIOD_MS / 2) {
      this.#readAtMs = nowMs;
      this.#latest = this.#repository.list();
    }
    return this.#latest;
  }
}
