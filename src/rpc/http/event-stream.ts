import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { EventHistory, HistoryItem } from "../../engine/event-history.ts";

const PATIENCE_MS = 60_000;
/** Between two signs of life, so that proxies and dead peers are noticed. */
const KEEP_ALIVE_MS = 15_000;

export interface EventStreamOptions {
  readonly history: EventHistory;
  /** Number of the last event that the client knows; 0: none. */
  readonly after: number;
  readonly response: ServerResponse;
  /** How long the client may take nothing. Default 60 s. */
  readonly patienceMs?: number;
}

/** Sends events until the client leaves, at its pace: nothing is queued for it but a buffer of the socket. Never rejects. */
export async function streamEvents({
  history,
  after,
  response,
  patienceMs,
}: EventStreamOptions): Promise<void> {
  const leaving = new AbortController();
  const { signal } = leaving;
  response.once("close", () => leaving.abort());
  const keepAlive = setInterval(() => {
    if (!response.writableNeedDrain) response.write(":\n\n");
  }, KEEP_ALIVE_MS);
  // A number from the future belongs to an earlier run of the installer.
  const place = after > history.sequence ? 0 : after;
  try {
    for await (const item of history.follow({ after: place, signal, follow: true })) {
      if (signal.aborted) return;
      if (!response.write(encode(item))) await drained(response, patienceMs ?? PATIENCE_MS, signal);
    }
  } finally {
    clearInterval(keepAlive);
    response.destroy();
  }
}

/** Destroys the response when it is not read in time. */
async function drained(response: ServerResponse, patienceMs: number, signal: AbortSignal): Promise<void> {
  const isDrained = new AbortController();
  response.once("drain", () => isDrained.abort());
  await sleep(patienceMs, undefined, { signal: AbortSignal.any([signal, isDrained.signal]) }).then(
    () => response.destroy(),
    () => undefined,
  );
}

function encode(item: HistoryItem): string {
  if ("lost" in item) return `event: events-lost\ndata: ${JSON.stringify(item)}\n\n`;
  const { sequence, event } = item;
  return `id: ${sequence}\nevent: ${event.kind}\ndata: ${toJson({ sequence, ...event })}\n\n`;
}

/** Fields of a log entry may hold anything, even what JSON has no form for: such fields are left out. */
function toJson(value: object): string {
  const plain = (_name: string, part: unknown): unknown =>
    typeof part === "bigint" ? part.toString() : part;
  try {
    return JSON.stringify(value, plain);
  } catch {
    return JSON.stringify({ ...value, fields: undefined }, plain);
  }
}
