import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Logger } from "../../core/logger.ts";
import { streamEvents } from "./event-stream.ts";
import type { PageSource } from "./page-source.ts";
import { PageWatchers } from "./page-watchers.ts";

export interface LiveFeedsOptions {
  readonly source: PageSource;
  readonly log: Pick<Logger, "error">;
  /** Further connections are refused with 503. Default 200. */
  readonly maxConnections?: number;
  /** Pause between two frames of the page. Default 500 ms, so that what is shown is never older than a second. */
  readonly tickMs?: number;
  /** How long a client may take nothing of what it was sent. Default 60 s. */
  readonly patienceMs?: number;
}

const DEFAULT_MAX_CONNECTIONS = 200;
const TICK_MS = 500;
/** Seconds after which a refused client may ask again. */
const RETRY_AFTER = "10";

/**
 * The server-sent events (WHATWG HTML section 9.2) of the port: `/api/page` and `/api/events`. Access has been decided
 * before; headers that were set on the response stay.
 */
export class LiveFeeds {
  readonly #options: LiveFeedsOptions;
  readonly #pageWatchers: PageWatchers;
  #connections = 0;

  constructor(options: LiveFeedsOptions) {
    this.#options = options;
    this.#pageWatchers = new PageWatchers({ tickMs: TICK_MS, run: randomUUID(), ...options });
  }

  /** How many clients are connected now. */
  get connections(): number {
    return this.#connections;
  }

  /**
   * `GET /api/page?after=N`: sections of the page as they change and log entries after number N, as `page` events; see
   * PageFrame.
   */
  servePage(request: IncomingMessage, response: ServerResponse): void {
    if (!this.#accept(request, response)) return;
    this.#pageWatchers.add(response, placeOf(request));
  }

  /**
   * `GET /api/events?after=N`: every event as JSON, its number as `id`, its kind as `event`; first those after number N
   * or the header Last-Event-ID. `events-lost` tells how many are no longer known.
   */
  serveEvents(request: IncomingMessage, response: ServerResponse): void {
    if (!this.#accept(request, response)) return;
    const { source, patienceMs } = this.#options;
    void streamEvents({
      history: source.history,
      after: placeOf(request),
      response,
      ...(patienceMs === undefined ? {} : { patienceMs }),
    });
  }

  #accept(request: IncomingMessage, response: ServerResponse): boolean {
    if (this.#connections >= (this.#options.maxConnections ?? DEFAULT_MAX_CONNECTIONS)) {
      response.writeHead(503, { "Content-Type": "text/plain; charset=utf-8", "Retry-After": RETRY_AFTER });
      response.end("too many live connections\n");
      return false;
    }
    response.writeHead(200, {
      "Content-Type": "text/event-stream; charset=utf-8",
      "Cache-Control": "no-store",
      // Proxies must not wait for more.
      "X-Accel-Buffering": "no",
    });
    if (request.method === "HEAD") {
      response.end();
      return false;
    }
    this.#connections += 1;
    response.once("close", () => {
      this.#connections -= 1;
    });
    response.flushHeaders();
    return true;
  }
}

/** After which number to go on; a browser that connects again says so in the header. 0: from the beginning. */
function placeOf(request: IncomingMessage): number {
  const query = new URLSearchParams((request.url ?? "").split("?", 2)[1] ?? "");
  const text = String(request.headers["last-event-id"] ?? query.get("after") ?? "0");
  return /^\d{1,15}$/.test(text) ? Number(text) : 0;
}
