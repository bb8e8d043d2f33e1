import { describe, expect, it } from "vitest";
import { EventLoopShare } from "../../../../src/system/node/event-loop-share.ts";

describe("EventLoopShare", () => {
  it("lets others have a turn during a long run", async () => {
    const share = new EventLoopShare();
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    const endMs = performance.now() + 60;
    while (performance.now() < endMs) await share.run(() => undefined);
    clearInterval(timer);
    expect(turns).toBeGreaterThan(1);
  });

  it("passes results and errors on", async () => {
    const share = new EventLoopShare();
    expect(await share.run(() => 5)).toBe(5);
    await expect(share.run(() => JSON.parse("{"))).rejects.toThrow(SyntaxError);
  });
});
