/** Somebody else's computer: opens and closes crowds of watchers as its parent says. Argument: WatcherSettings as JSON. */
import { parseClientCredentials } from "../../../src/rpc/tls/credentials.ts";
import type { WatcherAnswer, WatcherRequest, WatcherSettings } from "./crowds.ts";
import { type OpenWatcher, openWatcher } from "./open-watcher.ts";

const { port, certificate, key } = JSON.parse(process.argv[2] ?? "{}") as WatcherSettings;
const OPEN_LIMIT_MS = 10_000;
const names = { certificateFile: "certificate", keyFile: "key" };
const credentials = parseClientCredentials(certificate, key, names);
const watchers: OpenWatcher[] = [];
const lost: string[] = [];

async function inTime<T>(opening: Promise<T>, kind: string): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const late = setTimeout(() => reject(new Error(`${kind} shows nothing`)), OPEN_LIMIT_MS);
  try {
    return await Promise.race([opening, promise]);
  } finally {
    clearTimeout(late);
  }
}

async function serve(request: WatcherRequest): Promise<WatcherAnswer> {
  if (request.act === "open") {
    for (const watcher of request.crowd) {
      const opened = await inTime(openWatcher(watcher, { port, credentials }), watcher.kind);
      watchers.push(opened);
      void opened.ended.then(() => {
        if (watchers.includes(opened)) lost.push(watcher.kind);
      });
    }
    return { shown: [], lost: [] };
  }
  const shown: string[] = [];
  for (const { screen } of watchers) {
    if (screen !== undefined) shown.push(await screen.until(new RegExp(request.until)));
  }
  for (const watcher of watchers.splice(0)) watcher[Symbol.dispose]();
  return { shown, lost: lost.splice(0) };
}

async function answer(request: WatcherRequest): Promise<void> {
  const reply = await serve(request).catch((error: unknown) => ({ shown: [], lost, error: String(error) }));
  process.send?.(reply);
}

process.on("message", (request: WatcherRequest) => void answer(request));
process.once("disconnect", () => process.exit());
