import { afterAll, beforeAll, expect, it } from "vitest";
import type { ProgressReporter } from "../../../src/engine/progress.ts";
import { createRunner } from "../../../src/engine/runner.ts";
import { createNodeHost } from "../../../src/system/node/node-host.ts";
import { Scratch } from "../../support/scratch.ts";
import { type OpenedAccess, openTestAccess } from "./remote-access.ts";

const AGE_LIMIT_MS = 1_000;
const STALL_MS = 15_000;
const SERVER = "objects from the image server images:6971";

const scratch = new Scratch();
let opened: OpenedAccess;
beforeAll(async () => {
  opened = await openTestAccess(scratch.at("access"), {});
});
afterAll(async () => {
  await opened[Symbol.asyncDispose]();
  scratch[Symbol.dispose]();
});

/** What arrives by `/api/page`, with the time at which it did. */
async function watchPage(port: number, signal: AbortSignal) {
  const response = await fetch(`http://127.0.0.1:${port}/api/page`, { signal });
  const frames: { readonly atMs: number; readonly text: string }[] = [];
  const reading = (async () => {
    let text = "";
    for await (const part of response.body ?? []) {
      text += Buffer.from(part).toString("utf8");
      const parts = text.split("\n\n");
      text = parts.pop() ?? "";
      for (const frame of parts) frames.push({ atMs: performance.now(), text: frame });
    }
  })().catch(() => undefined);
  /** How long after `sinceMs` a frame with `pattern` arrived. */
  const waitFor = async (pattern: RegExp, sinceMs: number, limitMs: number): Promise<number> => {
    for (;;) {
      const found = frames.find(({ atMs, text: shown }) => atMs >= sinceMs && pattern.test(shown));
      if (found !== undefined) return found.atMs - sinceMs;
      if (performance.now() - sinceMs > limitMs) throw new Error(`no ${pattern} within ${limitMs} ms`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  return { waitFor, reading };
}

async function statusOf(
  port: number,
): Promise<{ readonly stall: unknown; readonly steps: readonly object[] }> {
  return (await fetch(`http://127.0.0.1:${port}/api/status`)).json() as never;
}

it("shows the last byte within a second, says after 15 s of silence what is waited for, and takes it back", async () => {
  const host = createNodeHost();
  const watching = new AbortController();
  const { signal } = new AbortController();
  await using cleanup = new AsyncDisposableStack();
  cleanup.defer(() => watching.abort());
  cleanup.use(host);
  const { events } = opened.observation;
  const run = createRunner({ host, events, debugLevel: -1, signal, cleanup });
  const page = await watchPage(opened.port, watching.signal);
  const { promise: ending, resolve: end } = Promise.withResolvers<void>();
  let progress: ProgressReporter | undefined;
  const step = run(
    {
      id: "download-objects",
      title: "Download the missing objects",
      destructive: false,
      run: async (_: undefined, context) => {
        progress = context.progress;
        progress.start("bytes", 1_000 * 2 ** 20);
        using _wait = progress.waitFor(SERVER);
        await ending;
      },
    },
    undefined,
  );

  // Two in a row: the second falls into the quarter of a second in which nothing is published.
  progress?.advance(100 * 2 ** 20);
  progress?.advance(23 * 2 ** 20);
  const silentSinceMs = performance.now();
  expect(await page.waitFor(/123 MiB of 1000 MiB/, silentSinceMs, 5_000)).toBeLessThan(AGE_LIMIT_MS);
  expect((await statusOf(opened.port)).steps).toMatchObject([{ done: 123 * 2 ** 20, waitingFor: SERVER }]);
  expect((await statusOf(opened.port)).stall).toBeNull();

  const stalledAfterMs = await page.waitFor(/Nothing has moved for/, silentSinceMs, STALL_MS + 10_000);
  expect(stalledAfterMs).toBeGreaterThan(STALL_MS - 500);
  expect(stalledAfterMs).toBeLessThan(STALL_MS + AGE_LIMIT_MS + 500);
  expect((await statusOf(opened.port)).stall).toMatchObject({
    stepId: "download-objects",
    waitingFor: SERVER,
  });
  const text = await (await fetch(`http://127.0.0.1:${opened.port}/`)).text();
  expect(text).toContain(`waiting for ${SERVER}`);

  progress?.advance(2 ** 20);
  const movedMs = performance.now();
  expect(await page.waitFor(/124 MiB of 1000 MiB/, movedMs, 5_000)).toBeLessThan(AGE_LIMIT_MS);
  expect((await statusOf(opened.port)).stall).toBeNull();
  end();
  await step;
}, 60_000);
