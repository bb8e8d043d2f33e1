import { setImmediate as nextTurn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { EventHistory, type HistoryItem } from "../../../src/engine/event-history.ts";
import type { InstallerEvent } from "../../../src/engine/events.ts";

function message(text: string): InstallerEvent {
  return { kind: "log", at: 0, level: "info", message: text };
}

function progress(id: string, done: number): InstallerEvent {
  return { kind: "step-progress", at: 0, id, done, unit: "bytes" };
}

/** `3:text`, `3:download=7` or `lost 2`. */
function describeItem(item: HistoryItem): string {
  if ("lost" in item) return `lost ${item.lost}`;
  const { sequence, event } = item;
  if (event.kind === "log") return `${sequence}:${event.message}`;
  if (event.kind === "step-progress") return `${sequence}:${event.id}=${event.done}`;
  return `${sequence}:${event.kind}`;
}

async function readAll(history: EventHistory, after = 0): Promise<readonly string[]> {
  const { signal } = new AbortController();
  const items: string[] = [];
  for await (const item of history.follow({ after, signal, follow: false })) items.push(describeItem(item));
  return items;
}

function historyOf(events: readonly InstallerEvent[], capacity?: number): EventHistory {
  const history = new EventHistory(capacity);
  for (const event of events) history.record(event);
  return history;
}

describe("EventHistory", () => {
  it("replays from any sequence number, without loss and without repetition", async () => {
    const history = historyOf([message("a"), message("b"), message("c")]);
    expect(history.sequence).toBe(3);
    expect(await readAll(history)).toEqual(["1:a", "2:b", "3:c"]);
    expect(await readAll(history, 2)).toEqual(["3:c"]);
    expect(await readAll(history, 3)).toEqual([]);
  });

  it("keeps of the progress of each step only the newest", async () => {
    const history = historyOf([
      progress("download", 1),
      message("a"),
      progress("unpack", 1),
      progress("download", 2),
      progress("download", 3),
    ]);
    expect(await readAll(history)).toEqual(["2:a", "3:unpack=1", "5:download=3"]);
  });

  it("tells a reader who stayed away for too long that events were lost, and where it goes on", async () => {
    const history = historyOf(["a", "b", "c", "d", "e"].map(message), 2);
    expect(await readAll(history, 1)).toEqual(["lost 2", "4:d", "5:e"]);
  });

  it("does not speak of loss to a reader who begins at the beginning, nor to one who saw all that was dropped", async () => {
    const history = historyOf(["a", "b", "c", "d"].map(message), 2);
    expect(await readAll(history)).toEqual(["3:c", "4:d"]);
    expect(await readAll(history, 2)).toEqual(["3:c", "4:d"]);
  });

  it("does not count what was superseded as lost", async () => {
    const history = historyOf([message("a"), progress("x", 1), progress("x", 2), progress("x", 3)], 3);
    expect(await readAll(history, 1)).toEqual(["4:x=3"]);
  });

  it("wakes a reader that has read everything when something happens", async () => {
    const history = historyOf([message("a")]);
    const reader = history.follow({ signal: new AbortController().signal, follow: true });
    expect((await reader.next()).value).toMatchObject({ sequence: 1 });
    const next = reader.next();
    history.record(message("b"));
    expect((await next).value).toMatchObject({ sequence: 2 });
    await reader.return();
  });

  it("wakes readers once for a burst of events, whatever their number, and for the last of them as well", async () => {
    const history = historyOf([]);
    const reader = history.follow({ signal: new AbortController().signal, follow: true });
    const first = reader.next();
    history.record(message("a"));
    expect((await first).value).toMatchObject({ sequence: 1 });
    const second = reader.next();
    for (let done = 0; done < 3; done += 1) {
      await nextTurn();
      history.record(progress("download", done));
    }
    expect((await second).value).toMatchObject({ sequence: 4, event: { done: 2 } });
    await reader.return();
  });

  it("ends a waiting reader when its signal aborts", async () => {
    const reading = new AbortController();
    const reader = historyOf([]).follow({ signal: reading.signal, follow: true });
    const next = reader.next();
    reading.abort();
    expect((await next).done).toBe(true);
  });

  it("never waits for readers: fifty that do not read cost a publisher nothing", async () => {
    const history = new EventHistory(100);
    const { signal } = new AbortController();
    const readers = Array.from({ length: 50 }, () => history.follow({ signal, follow: true }));
    const first = readers.map((reader) => reader.next());
    for (let number = 1; number <= 10_000; number += 1) history.record(message(`${number}`));
    const items = await Promise.all(first);
    expect(items.map(({ value }) => value)).toEqual(items.map(() => ({ lost: 9900 })));
    expect(history.itemsAfter(0)).toHaveLength(100);
    expect((await readers[0]?.next())?.value).toMatchObject({ sequence: 9901 });
  });
});
