import type { IncomingHttpHeaders } from "node:http";
import type { Clock } from "../../system/power.ts";
import type { InstallerMethod } from "../installer-methods.ts";
import { type Answer, HTML, JSON_TYPE, NOT_FOUND } from "./answer.ts";
import { answerHealth, answerReadiness } from "./health.ts";
import type { LiveFeeds } from "./live.ts";
import type { LogsPages } from "./logs/logs-pages.ts";
import { answerMetrics } from "./metrics/metrics-pages.ts";
import type { MetricsSource } from "./metrics/metrics-source.ts";
import { pageFile } from "./page/page-files.ts";
import { renderPage } from "./page/render-page.ts";
import type { PageSource } from "./page-source.ts";
import { renderStatusJson } from "./status-json.ts";

/** What of a request the pages look at. */
interface RouteRequest {
  readonly path: string;
  /** What follows the question mark, undecoded. */
  readonly query: string;
  readonly headers: Pick<IncomingHttpHeaders, "host" | "accept-encoding">;
}

interface RouteSources {
  readonly source: PageSource;
  readonly logs: LogsPages;
  readonly metrics: MetricsSource;
  readonly clock: Pick<Clock, "nowMs">;
}

/** What is at a path, and who may see it: an answer, or a stream of events. */
export type Route = { readonly access: InstallerMethod | "everybody" } & (
  | { answer(request: RouteRequest, sources: RouteSources): Promise<Answer> }
  | { readonly live: keyof Pick<LiveFeeds, "servePage" | "serveEvents"> }
);

const ROUTES: ReadonlyMap<string, Route> = new Map<string, Route>([
  [
    "/",
    {
      access: "Installer.GetStatus",
      answer: async ({ query, headers }, { source }) =>
        ok(HTML, renderPage(source, { query: new URLSearchParams(query), host: headers.host ?? "" })),
    },
  ],
  [
    "/api/status",
    {
      access: "Installer.GetStatus",
      answer: async (_, { source }) => ok(JSON_TYPE, renderStatusJson(source.snapshot())),
    },
  ],
  ["/api/page", { access: "Installer.GetStatus", live: "servePage" }],
  ["/api/events", { access: "Installer.WatchEvents", live: "serveEvents" }],
  ["/healthz", { access: "everybody", answer: async () => answerHealth() }],
  [
    "/readiness",
    { access: "everybody", answer: async (_, { source }) => answerReadiness(source.snapshot().status) },
  ],
]);

const LOGS: Route = {
  access: "Installer.StreamLogs",
  answer: async ({ path, query }, { logs }) => (await logs.answer(path, query)) ?? NOT_FOUND,
};

/** Everything else: metrics, the files of the page, and what is not there, which is nobody's business either. */
const OTHERS: Route = {
  access: "Installer.GetStatus",
  answer: async ({ path, query, headers }, { metrics, clock }) => {
    const file = pageFile(path);
    if (file !== undefined) return ok(file.contentType, file.body);
    const request = {
      path,
      query: new URLSearchParams(query),
      acceptEncoding: String(headers["accept-encoding"] ?? ""),
    };
    return (await answerMetrics(request, metrics, clock)) ?? NOT_FOUND;
  },
};

/** What is at `path`. */
export function findRoute(path: string): Route {
  if (path === "/logs" || path.startsWith("/logs/")) return LOGS;
  return ROUTES.get(path) ?? OTHERS;
}

function ok(type: string, body: string): Answer {
  return { statusCode: 200, type, headerKind: "page", body };
}
