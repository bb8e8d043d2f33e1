import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { RunStatus } from "../../engine/status.ts";
import { renderStatusPage } from "./status-page.ts";

/** Where the pages get their figures; read anew for each request. */
export interface StatusSource {
  status(): RunStatus;
  /** Oldest first. */
  logEntries(): readonly string[];
  hostname(): string;
  nowMonotonicMs(): number;
  nowMs(): number;
  memoryBytes(): number;
  readonly version: string;
  readonly runtime: string;
}

interface Page {
  readonly statusCode: number;
  readonly type: "text/html; charset=utf-8" | "text/plain; charset=utf-8" | "application/json";
  readonly body: string;
  /** Health pages are read by probes and carry no page headers (spec/metrics.md section 1). */
  readonly isBare?: boolean;
}

/** Spec/metrics.md section 1. */
const PAGE_HEADERS = {
  "X-Frame-Options": "DENY",
  "X-XSS-Protection": "1",
  "X-Content-Type-Options": "nosniff",
  "Content-Security-Policy": "default-src 'self' ;style-src 'self' 'unsafe-inline'",
  "Cache-Control": "no-store",
} as const;

const NOT_FOUND: Page = {
  statusCode: 404,
  type: "text/plain; charset=utf-8",
  body: "404 page not found\n",
  isBare: true,
};

/**
 * The read-only pages of port 6978: `/`, `/logs`, `/logs/dump?name=latest`, `/api/status`, `/healthz`, `/readiness`. Not
 * listening: connections come from the shared port (src/rpc/port), which also limits them.
 */
export function createStatusListener(source: StatusSource): RequestListener {
  return (request, response) => send(request, response, route(request.url ?? "/", source));
}

function route(target: string, source: StatusSource): Page {
  const path = target.split("?", 1)[0] ?? "/";
  switch (path) {
    case "/":
      return statusPage(source);
    case "/api/status":
      return { statusCode: 200, type: "application/json", body: renderStatusJson(source) };
    case "/logs":
    case "/logs/dump":
    case "/logs/showSinceStartup":
      return {
        statusCode: 200,
        type: "text/plain; charset=utf-8",
        body: `${source.logEntries().join("\n")}\n`,
      };
    case "/healthz":
      return { statusCode: 200, type: "text/plain; charset=utf-8", body: "OK", isBare: true };
    case "/readiness":
      return readiness(source.status());
    default:
      return NOT_FOUND;
  }
}

function statusPage(source: StatusSource): Page {
  const nowMs = source.nowMs();
  const nowMonotonicMs = source.nowMonotonicMs();
  const body = renderStatusPage({
    status: source.status(),
    logEntries: source.logEntries(),
    hostname: source.hostname(),
    startTime: new Date(nowMs - nowMonotonicMs),
    now: new Date(nowMs),
    nowMonotonicMs,
    version: source.version,
    runtime: source.runtime,
    memoryBytes: source.memoryBytes(),
  });
  return { statusCode: 200, type: "text/html; charset=utf-8", body };
}

/** The original never becomes ready; here it means that the machine is installed. */
function readiness(status: RunStatus): Page {
  const type = "text/plain; charset=utf-8";
  if (status.outcome === "succeeded") return { statusCode: 200, type, body: "OK", isBare: true };
  return { statusCode: 503, type, body: "not ready\n", isBare: true };
}

function renderStatusJson(source: StatusSource): string {
  const uptimeMs = Math.round(source.nowMonotonicMs());
  return `${JSON.stringify({ hostname: source.hostname(), version: source.version, uptimeMs, ...source.status() }, null, 2)}\n`;
}

function send(request: IncomingMessage, response: ServerResponse, page: Page): void {
  const body = Buffer.from(page.body, "utf8");
  response.writeHead(page.statusCode, {
    ...(page.isBare === true ? {} : PAGE_HEADERS),
    "Content-Type": page.type,
    "Content-Length": body.length,
  });
  response.end(request.method === "HEAD" ? undefined : body);
}
