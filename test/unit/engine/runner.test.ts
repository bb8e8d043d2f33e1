import { expect, it } from "vitest";
import { EventStream, type InstallerEvent } from "../../../src/engine/events.ts";
import { createRunner } from "../../../src/engine/runner.ts";
import { createFakeHost } from "../../support/fake-host.ts";

it("says while a program runs that the step waits for it", async () => {
  const host = createFakeHost();
  const events = new EventStream();
  const seen: InstallerEvent[] = [];
  events.subscribe((event) => seen.push(event));
  const waiting = (): readonly string[] =>
    seen.flatMap((event) => (event.kind === "step-waiting" ? [event.waitingFor] : []));
  const during: (readonly string[])[] = [];
  const command = { program: "mkfs.ext4", args: ["-L", "data disk", "/dev/sda1"] };
  host.commands.expect(command, { effect: () => void during.push(waiting()) });
  const { signal } = new AbortController();
  await using cleanup = new AsyncDisposableStack();
  const run = createRunner({ host, events, debugLevel: -1, signal, cleanup });
  await run(
    {
      id: "format",
      title: "Format",
      destructive: true,
      run: async (_: undefined, context) => {
        await context.host.commands.run(command, context.signal);
      },
    },
    undefined,
  );
  const line = "mkfs.ext4 -L 'data disk' /dev/sda1";
  expect(during).toEqual([[line]]);
  expect(waiting()).toEqual([line, ""]);
});
