import { expect, it } from "vitest";
import { EventStream } from "../../../../src/engine/events.ts";
import { createLogSource } from "../../../../src/rpc/shell/log-source.ts";

it("tells live only of log entries that are for live copies, until it is disposed", () => {
  const events = new EventStream();
  const source = createLogSource(
    events,
    () => ["old"],
    (event) => event.stepId !== undefined,
  );
  const seen: string[] = [];
  const subscription = source.subscribe((entry) => seen.push(entry));
  const log = { kind: "log", level: "info" } as const;
  events.publish({ ...log, at: 1500, message: "downloading", stepId: "download", fields: { from: "a b" } });
  events.publish({ ...log, at: 1600, message: "shell on SRPC connection started" });
  events.publish({ kind: "step-ended", at: 1700, id: "download", durationMs: 1 });
  subscription[Symbol.dispose]();
  events.publish({ ...log, at: 1800, message: "late", stepId: "download" });
  expect(seen).toEqual(['[  1.500] downloading from="a b"']);
  expect(source.entries()).toEqual(["old"]);
});
