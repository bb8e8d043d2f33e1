import { describe, expect, test } from "vitest";
import { acquireLease } from "../../../../src/network/dhcp/acquire.ts";
import { type Answer, makeMachine } from "./dhcp-machine.ts";

const [DISCOVER, OFFER, ACK] = [1, 2, 5] as const;
const never = new AbortController().signal;

const obliging = (type: number): readonly Answer[] => [{ type: type === DISCOVER ? OFFER : ACK }];
const SILENCE = "link up, no answer yet (does the switch port wait for its spanning tree?)";

describe("a link without an answer", () => {
  test("is mentioned once, after ten seconds", async () => {
    const messages: number[] = [];
    const { ports, interfaces, lines, clock } = makeMachine({
      eth0: (type) => {
        messages.push(clock.monotonicMs());
        return clock.monotonicMs() < 30_000 ? [] : obliging(type);
      },
    });
    await acquireLease(ports, { interfaces }, never);
    expect(lines.filter((line) => line.includes("no answer yet"))).toEqual([`eth0: ${SILENCE}`]);
    // A port that begins to forward after 30 s: the next message follows soon.
    const firstAfter = messages.find((atMs) => atMs >= 30_000) ?? Number.POSITIVE_INFINITY;
    expect(firstAfter - 30_000).toBeLessThan(1250);
  });

  test("is not mentioned when there are offers, though none of use", async () => {
    const { ports, interfaces, lines } = makeMachine({
      eth0: () => [{ type: OFFER, options: { 3: undefined } }],
    });
    await expect(acquireLease(ports, { interfaces, timeoutMs: 20_000 }, never)).rejects.toThrow();
    expect(lines.join("\n")).not.toContain("no answer yet");
  });
});

test("a cable that is pulled and plugged in again", async () => {
  let heard = 0;
  const { ports, interfaces, lines, clock, unplugged } = makeMachine({
    eth0: (type) => {
      heard += 1;
      return clock.monotonicMs() < 70_000 ? [] : obliging(type);
    },
  });
  const lease = acquireLease(ports, { interfaces }, never);
  await clock.sleep(5000, never);
  unplugged.add("eth0");
  await clock.sleep(1000, never);
  const heardBefore = heard;
  await clock.sleep(60_000, never);
  // Nothing is sent to a dead link.
  expect(heard).toBe(heardBefore);
  unplugged.delete("eth0");
  await expect(lease).resolves.toMatchObject({ lease: { interfaceName: "eth0" } });
  expect(lines.filter((line) => line.includes("carrier"))).toEqual([
    "eth0: lost carrier",
    "eth0: waiting for carrier",
    "eth0: has carrier",
  ]);
  // The quick first minute begins again with the link.
  expect(clock.monotonicMs()).toBeLessThan(71_500);
});
