import { gzipSync } from "node:zlib";
import type { Clock } from "../../../system/power.ts";
import { type Answer, HTML, JSON_TYPE, TEXT, textAnswer } from "../answer.ts";
import { escapeHtml } from "../page/escape-html.ts";
import { type Metric, metricsBelow } from "./metric.ts";
import { metricToJson } from "./metric-json.ts";
import { formatMetric, formatMetricForPeople } from "./metric-text.ts";
import type { MetricsSource } from "./metrics-source.ts";
import { PROMETHEUS_TYPE, renderPrometheus } from "./prometheus.ts";
import { tricorderTree } from "./tricorder-tree.ts";

const PEOPLE = "/metrics";
const API = "/metricsapi";

const THEME = "body { font: 15px/1.4 system-ui, sans-serif; }\ntable { border-collapse: collapse; }\n";

/** What of a request matters here. */
export interface MetricsRequest {
  readonly path: string;
  readonly query: URLSearchParams;
  /** The Accept-Encoding header. */
  readonly acceptEncoding: string;
}

/**
 * `/metrics` in the format of Prometheus; `/metrics/`, `/metricsapi/` and what belongs to them as the original has them
 * (spec/metrics.md section 5). There `/metrics` leads to `/metrics/`. Undefined for other paths.
 */
export async function answerMetrics(
  request: MetricsRequest,
  source: MetricsSource,
  clock: Pick<Clock, "nowMs">,
): Promise<Answer | undefined> {
  const { path } = request;
  if (path === PEOPLE) {
    const body = await renderPrometheus(source);
    return { statusCode: 200, type: PROMETHEUS_TYPE, headerKind: "metrics", body };
  }
  if (path === "/has-tricorder-metrics") return textAnswer(200, "true", "metrics");
  if (path === "/metricsstatic/theme.css")
    return { statusCode: 200, type: "text/css; charset=utf-8", headerKind: "bare", body: THEME };
  if (path.startsWith(`${PEOPLE}/`)) return answerPeople(request, await tricorderTree(source));
  if (path === API || path.startsWith(`${API}/`))
    return answerApi(request, await tricorderTree(source), clock.nowMs());
  return undefined;
}

function answerPeople({ path, query }: MetricsRequest, tree: readonly Metric[]): Answer {
  const place = withoutSlash(path.slice(PEOPLE.length));
  const found = metricsBelow(tree, place);
  if (query.get("format") === "text") {
    const [first] = found;
    const lines = found.map((metric) => `${metric.path} ${formatMetric(metric)}\n`);
    if (first?.path === place) return { ...people(`${formatMetric(first)}\n`), type: TEXT };
    return { ...people(found.length === 0 ? "*Path does not exist.*" : lines.join("")), type: TEXT };
  }
  const rows = found.length === 0 ? "Path does not exist." : renderLevel(found, place);
  const title = escapeHtml(place === "" ? "/" : place);
  return people(
    `<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>metrics ${title}</title><link rel="stylesheet" href="/metricsstatic/theme.css"></head>\n<body><h1>${title}</h1>\n${rows}\n</body></html>\n`,
  );
}

function people(body: string): Answer {
  return { statusCode: 200, type: HTML, headerKind: "metrics", body };
}

/** The metrics directly at `place`, and links to the directories below it. */
function renderLevel(found: readonly Metric[], place: string): string {
  const directories = new Set<string>();
  const rows: string[] = [];
  for (const metric of found) {
    const [name = "", ...deeper] = metric.path.slice(place.length + 1).split("/");
    if (deeper.length > 0) directories.add(name);
    else rows.push(renderRow(metric, name === "" ? metric.path : name));
  }
  const links = [...directories].map(
    (name) => `<li><a href="${escapeHtml(`${PEOPLE}${place}/${name}`)}">${escapeHtml(name)}/</a></li>`,
  );
  return `<ul>${links.join("\n")}</ul>\n<table>${rows.join("\n")}</table>`;
}

function renderRow(metric: Metric, name: string): string {
  const unit = metric.unit === "None" ? "" : metric.unit;
  const cells = [name, formatMetricForPeople(metric), unit, metric.description];
  return `<tr>${cells.map((cell) => `<td>${escapeHtml(cell)}</td>`).join("")}</tr>`;
}

function answerApi(
  { path, query, acceptEncoding }: MetricsRequest,
  tree: readonly Metric[],
  nowMs: number,
): Answer {
  const place = withoutSlash(path.slice(API.length));
  const found = metricsBelow(tree, place);
  const isSingle = query.get("singleton") === "true";
  const single = found.find((metric) => metric.path === place);
  if (isSingle && single === undefined) return textAnswer(404, "404 Not Found\n", "bare");
  const shown =
    isSingle && single !== undefined
      ? metricToJson(single, nowMs)
      : found.map((metric) => metricToJson(metric, nowMs));
  const body = `${JSON.stringify(shown, null, "\t")}\n`;
  const isCompressed = /\bgzip\b/i.test(acceptEncoding);
  return {
    statusCode: 200,
    type: JSON_TYPE,
    headerKind: "bare",
    headers: {
      "X-Tricorder-Media-Type": "tricorder.v1",
      ...(isCompressed ? { "Content-Encoding": "gzip" } : {}),
    },
    body: isCompressed ? gzipSync(body) : body,
  };
}

function withoutSlash(path: string): string {
  return path.replace(/\/$/, "");
}
