import type { PageRequest, PageSource } from "../page-source.ts";
import { escapeHtml } from "./escape-html.ts";
import { newestSequence, renderLog } from "./log.ts";
import { PAGE_STYLE } from "./page-style.ts";
import { renderSections } from "./sections.ts";
import { runState } from "./summary.ts";

/** Seconds between reloads of a browser without script. */
const RELOAD_SECONDS = 5;
/** Port of the agent that tells of the machine's health, on the same host (spec/lifecycle.md section 6). */
const HEALTH_AGENT_PORT = 6910;

/**
 * The status page `GET /` (spec/lifecycle.md section 6). It is complete without script and then reloads itself; `page.js`
 * keeps it up to date otherwise.
 */
export function renderPage(source: PageSource, request: PageRequest): string {
  const snapshot = source.snapshot();
  const events = source.logEvents();
  const sections = renderSections(snapshot);
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>installer status page</title>
<link rel="icon" href="page.svg" type="image/svg+xml">
<style>${PAGE_STYLE}</style>
<noscript>${isFiltered(request.query) ? "" : `<meta http-equiv="refresh" content="${RELOAD_SECONDS}">`}<style>.live{display:none}</style></noscript>
<script src="page.js" defer></script>
</head>
<body class="${runState(snapshot)}" data-after="${newestSequence(events)}">
<header>
<h1>installer status page</h1>
<p id="connection" role="status"></p>
<nav aria-label="More"><a href="logs">logs</a> <a href="metrics">metrics</a> <a href="api/status">JSON</a>${renderHealthLink(request.host)}</nav>
</header>
<main>
<section id="summary" aria-label="Summary">${sections.summary}</section>
<section id="failure" aria-label="Failure">${sections.failure}</section>
<section id="notices" aria-label="Notices">${sections.notices}</section>
<div class="columns">
<div>
<section id="steps" aria-label="Steps">${sections.steps}</section>
<section id="logs" aria-label="Log">${renderLog(events, request.query)}</section>
</div>
<div>
<section id="drives" aria-label="Plan of the drives">${sections.drives}</section>
<section id="network" aria-label="Network">${sections.network}</section>
<section id="sessions" aria-label="Remote shells">${sections.sessions}</section>
<section id="machine" aria-label="Machine">${sections.machine}</section>
</div>
</div>
</main>
<hr>
<footer id="about">${sections.about}</footer>
</body>
</html>
`;
}

/** Whoever filters reads; the form comes back when the page is reloaded by hand. */
function isFiltered(query: URLSearchParams): boolean {
  return query.has("include") || query.has("level");
}

/** A host of a Host header that can stand in a URL; the header is whatever the client sent. */
const HOST = /^(?<name>[\w.-]{1,253}|\[[\da-f:.]{2,45}\])(?::\d{1,5})?$/i;

function renderHealthLink(host: string): string {
  const name = HOST.exec(host)?.groups?.["name"];
  if (name === undefined) return "";
  return ` <a href="http://${escapeHtml(name)}:${HEALTH_AGENT_PORT}/">system health agent</a>`;
}
