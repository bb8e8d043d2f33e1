import type { PageElement, PageNode, PageWindow } from "./client-dom.ts";
import type { PageFrame } from "./page-frame.ts";

/**
 * The script of the page: replaces what has changed, adds log lines, filters them, and says when the machine can no
 * longer be reached. It is handed to the browser as source text, so it must use nothing from outside itself.
 */
export function runPage(window: PageWindow): void {
  const { document } = window;
  const mostLines = 5_000;
  const lostAfterMs = 3_500;
  const retryMs = 5_000;
  const find = (id: string): PageElement => document.getElementById(id) ?? document.createElement("div");
  const [log, form, follow, matches, connection] = ["log", "filter", "follow", "matches", "connection"].map(
    find,
  );
  if (!log || !form || !follow || !matches || !connection) return;
  const { include, level } = form.elements;
  const levels = ["error", "warn", "info", "debug"];
  let source: InstanceType<PageWindow["EventSource"]> | undefined;
  let run: string | undefined;
  let after = document.body.dataset["after"] ?? "0";
  let state = "";
  let shownAt = Date.now();
  let triedAt = 0;

  const fragment = (html: string): PageElement => {
    const template = document.createElement("template");
    template.innerHTML = html;
    return template.content;
  };
  /** Changes only what differs, so that focus, selection and scrolling stay where they are. */
  const morph = (old: PageNode, fresh: PageNode): void => {
    const present = [...old.childNodes];
    const wanted = [...fresh.childNodes];
    for (const extra of present.slice(wanted.length)) old.removeChild(extra);
    for (const [index, node] of wanted.entries()) {
      const was = present[index];
      if (was === undefined) old.appendChild(node);
      else if (was.nodeName !== node.nodeName) old.replaceChild(node, was);
      else {
        if (was.nodeValue !== node.nodeValue) was.nodeValue = node.nodeValue;
        morphAttributes(was, node);
        morph(was, node);
      }
    }
  };
  const morphAttributes = (old: PageNode, fresh: PageNode): void => {
    for (const { name } of Array.from(old.attributes ?? []))
      if (fresh.getAttribute(name) === null) old.removeAttribute(name);
    for (const { name, value } of fresh.attributes ?? [])
      if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  };

  const matcher = (): ((line: PageElement) => boolean) => {
    const wanted = include.value.toLowerCase();
    const severity = levels.indexOf(level.value);
    let matchesText = (text: string): boolean => text.toLowerCase().includes(wanted);
    try {
      const expression = new RegExp(include.value, "i");
      matchesText = (text) => expression.test(text);
    } catch {
      // Not an expression, or only half of one: then it is a text to look for.
    }
    return (line) =>
      levels.indexOf(line.dataset["level"] ?? "") <= severity && matchesText(line.textContent.trimEnd());
  };
  const filter = (): void => {
    const isWanted = matcher();
    let shown = 0;
    for (const line of log.children) {
      line.hidden = !isWanted(line);
      if (!line.hidden) shown += 1;
    }
    const all = log.childElementCount;
    matches.textContent = shown === all ? `${all} entries` : `${shown} of ${all} entries`;
    if (follow.checked) log.scrollTop = log.scrollHeight;
  };
  const addLines = (html: string): void => {
    log.appendChild(fragment(html));
    for (let first = log.firstElementChild; first && log.childElementCount > mostLines; ) {
      log.removeChild(first);
      first = log.firstElementChild;
    }
    filter();
  };

  const show = (frame: PageFrame): void => {
    run ??= frame.run;
    if (run !== frame.run) {
      // The installer was started anew: its log begins anew too.
      source?.close();
      window.location.reload();
      return;
    }
    shownAt = Date.now();
    state = frame.state;
    after = String(frame.after);
    document.title = frame.title;
    document.body.className = state;
    for (const [id, html] of Object.entries(frame.sections)) morph(find(id), fragment(html));
    if (frame.log !== "") addLines(frame.log);
    connection.textContent = "";
  };
  const connect = (): void => {
    triedAt = Date.now();
    source?.close();
    source = new window.EventSource(`api/page?after=${after}`);
    source.addEventListener("page", (event) => show(JSON.parse(event.data) as PageFrame));
  };
  /** A machine that lost its power says nothing, and a browser gives up after an error: both show as silence. */
  const watch = (): void => {
    if (document.hidden) return;
    const now = Date.now();
    const ageMs = now - shownAt;
    if (ageMs < lostAfterMs) return;
    const guess = state === "done" ? " The machine has probably restarted." : "";
    connection.textContent = `Connection lost: this is how it was ${Math.round(ageMs / 1000)} s ago.${guess}`;
    document.body.className = `${state} lost`;
    if (now - triedAt >= retryMs) connect();
  };

  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", () => {
    const query = new URLSearchParams();
    if (include.value !== "") query.set("include", include.value);
    if (level.value !== "debug") query.set("level", level.value);
    window.history.replaceState(
      null,
      "",
      query.size === 0 ? window.location.pathname : `?${query.toString()}`,
    );
    filter();
  });
  log.addEventListener("scroll", () => {
    follow.checked = log.scrollTop + log.clientHeight >= log.scrollHeight - 8;
  });
  // Browsers allow few connections to one server: a page that nobody sees gives its own back.
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) source?.close();
    else connect();
  });
  document.body.dataset["live"] = "true";
  filter();
  window.setInterval(watch, 1_000);
  if (!document.hidden) connect();
}
