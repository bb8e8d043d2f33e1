import { describe, expect, test } from "vitest";
import { requestLease } from "../../../../src/network/dhcp/client.ts";
import type { DhcpLease } from "../../../../src/network/dhcp/lease.ts";
import { type Answer, FakeWire, HastyClock, keepingLogger } from "./dhcp-server.ts";

const [DISCOVER, OFFER, REQUEST, ACK, NAK] = [1, 2, 3, 5, 6] as const;

function typeOf(message: FakeWire["received"][number]): number | undefined {
  return message.options.get(53)?.[0];
}

/** Runs a client against a server that answers by `answer`, which gets the number of messages so far. */
async function run(answer: (type: number, count: number) => readonly (Answer | Buffer)[]): Promise<{
  readonly lease: DhcpLease;
  readonly wire: FakeWire;
  readonly lines: readonly string[];
  readonly clock: HastyClock;
}> {
  const lines: string[] = [];
  const clock = new HastyClock();
  const wire = new FakeWire((message, count) => answer(typeOf(message) ?? 0, count));
  const lease = await requestLease(
    {
      interfaceName: "eth0",
      macAddress: "de:ad:be:ef:00:00",
      transport: wire,
      beginRequest: async () => ({ end: () => undefined }),
    },
    { clock, log: keepingLogger(lines), random: () => 0.5 },
    AbortSignal.timeout(5000),
  );
  return { lease, wire, lines, clock };
}

const obliging = (type: number): readonly Answer[] => [{ type: type === DISCOVER ? OFFER : ACK }];

test("DISCOVER and REQUEST carry what servers need", async () => {
  const { wire, lease } = await run(obliging);
  const [discover, request] = wire.received;
  expect(wire.received.map(typeOf)).toEqual([DISCOVER, REQUEST]);
  expect(discover).toMatchObject({
    operation: 1,
    hardwareType: 1,
    broadcast: true,
    clientAddress: "0.0.0.0",
  });
  expect(discover?.hardwareAddress.toString("hex")).toBe("deadbeef0000");
  expect([...(discover?.options.get(55) ?? [])]).toEqual([
    121, 1, 3, 6, 12, 15, 26, 51, 54, 58, 59, 66, 67, 119, 150,
  ]);
  expect(request?.options.get(50)).toEqual(Buffer.of(10, 1, 2, 3));
  expect(request?.options.get(54)).toEqual(Buffer.of(10, 1, 2, 1));
  expect(request?.transactionId).toBe(discover?.transactionId);
  expect(lease).toMatchObject({
    address: "10.1.2.3",
    prefixLength: 24,
    router: "10.1.2.1",
    nextServer: "10.1.2.1",
  });
});

describe("answers that are not for this exchange are passed over", () => {
  test.each<[string, Answer["change"]]>([
    ["another transaction", (message) => ({ ...message, transactionId: 1 })],
    ["another machine", (message) => ({ ...message, hardwareAddress: Buffer.from("deadbeef0001", "hex") })],
    ["a client's message", (message) => ({ ...message, operation: 1 })],
  ])("%s", async (_what, change) => {
    const { lease } = await run((type) => [
      { type: OFFER, address: "10.6.6.6", ...(change === undefined ? {} : { change }) },
      { type: type === DISCOVER ? OFFER : ACK },
    ]);
    expect(lease.address).toBe("10.1.2.3");
  });

  test("something that is not DHCP", async () => {
    const { lease } = await run((type) => [Buffer.from("junk"), ...obliging(type)]);
    expect(lease.address).toBe("10.1.2.3");
  });

  test("the acknowledgement of a server that was not asked", async () => {
    const { lease } = await run((type) =>
      type === DISCOVER
        ? [{ type: OFFER }]
        : [{ type: ACK, address: "10.6.6.6", options: { 54: Buffer.of(10, 6, 6, 1) } }, { type: ACK }],
    );
    expect(lease.address).toBe("10.1.2.3");
  });
});

test("silence is answered by sending again, quickly in the first minute", async () => {
  const { wire, clock } = await run((type, count) => (count < 4 ? [] : obliging(type)));
  expect(wire.received.map(typeOf)).toEqual([DISCOVER, DISCOVER, DISCOVER, DISCOVER, REQUEST]);
  expect(clock.monotonicMs()).toBe(3000);
  expect(wire.received[3]?.elapsedSeconds).toBe(3);
});

test("after a minute it is sent less often, and a relay can see for how long nobody answered", async () => {
  const { wire } = await run((type, count) => (count < 70 ? [] : obliging(type)));
  const seconds = wire.received.map(({ elapsedSeconds }) => elapsedSeconds);
  expect(seconds.slice(58, 66)).toEqual([58, 59, 60, 64, 68, 72, 76, 80]);
  // The REQUEST says the same as the DISCOVER that was answered (RFC 2131 section 4.4.1).
  expect(seconds.at(-1)).toBe(seconds.at(-2));
});

test("a request that stays unanswered leads back to DISCOVER", async () => {
  const { wire, lines } = await run((type, count) => (type === REQUEST && count < 6 ? [] : obliging(type)));
  expect(wire.received.map(typeOf)).toEqual([
    DISCOVER,
    REQUEST,
    REQUEST,
    REQUEST,
    REQUEST,
    DISCOVER,
    REQUEST,
  ]);
  expect(lines.join("\n")).toContain("no answer to the request for 10.1.2.3");
});

test("a refusal leads back to DISCOVER", async () => {
  const { wire, lines } = await run((type, count) =>
    count === 2 ? [{ type: NAK, options: { 56: Buffer.from("taken\n") } }] : obliging(type),
  );
  expect(wire.received.map(typeOf)).toEqual([DISCOVER, REQUEST, DISCOVER, REQUEST]);
  expect(lines).toContain('eth0: 10.1.2.3 was refused "taken\\n"');
});

describe("unusable offers are logged and not requested", () => {
  test.each<[string, Answer]>([
    ["with no valid router address", { type: OFFER, options: { 3: undefined } }],
    ["with no valid router address", { type: OFFER, options: { 3: Buffer.of(10, 1) } }],
    ["with a truncated DNS server address", { type: OFFER, options: { 6: Buffer.of(10, 1, 2, 3, 4, 5) } }],
    ["with no server identifier", { type: OFFER, options: { 54: undefined } }],
  ])("%s", async (why, offer) => {
    const { wire, lines } = await run((type, count) => (count === 1 ? [offer] : obliging(type)));
    expect(wire.received.map(typeOf)).toEqual([DISCOVER, DISCOVER, REQUEST]);
    expect(lines.join("\n")).toContain(`10.1.2.3 ${why}`);
  });
});

test("an offer that knows the TFTP server is preferred to an earlier one that does not", async () => {
  const { lease } = await run((type) =>
    type === DISCOVER
      ? [
          { type: OFFER, address: "10.1.2.8", nextServer: "0.0.0.0" },
          { type: OFFER, address: "10.1.2.9" },
        ]
      : [{ type: ACK, address: "10.1.2.9" }],
  );
  expect(lease.address).toBe("10.1.2.9");
});

test("offers of a server to be avoided are passed over", async () => {
  const wire = new FakeWire((message) =>
    typeOf(message) === DISCOVER
      ? [
          { type: OFFER, address: "10.1.2.8" },
          { type: OFFER, address: "10.1.2.9", options: { 54: Buffer.of(10, 1, 2, 7) } },
        ]
      : [{ type: ACK, address: "10.1.2.9", options: { 54: Buffer.of(10, 1, 2, 7) } }],
  );
  let offers = 0;
  const lease = await requestLease(
    {
      interfaceName: "eth0",
      macAddress: "de:ad:be:ef:00:00",
      transport: wire,
      beginRequest: async () => ({ end: () => undefined }),
      avoidedServers: new Set(["10.1.2.1"]),
      onOffer: () => {
        offers += 1;
      },
    },
    { clock: new HastyClock(), log: keepingLogger([]), random: () => 0.5 },
    AbortSignal.timeout(5000),
  );
  expect(lease).toMatchObject({ address: "10.1.2.9", serverIdentifier: "10.1.2.7" });
  expect(offers).toBe(2);
});

test("a server that leaves its name out of the acknowledgement is the one that was asked", async () => {
  const { lease } = await run((type) =>
    type === DISCOVER ? [{ type: OFFER }] : [{ type: ACK, options: { 54: undefined } }],
  );
  expect(lease.serverIdentifier).toBe("10.1.2.1");
});

test("the log says who offers what, so that a stray server has a name", async () => {
  const { lines } = await run((type) => [{ type: type === DISCOVER ? OFFER : ACK, nextServer: "0.0.0.0" }]);
  expect(lines).toEqual(["eth0: DHCP server 10.1.2.1 offers 10.1.2.3, naming no TFTP server"]);
});

test("an offer without a TFTP server is taken when there is no better one", async () => {
  const { lease, clock } = await run((type) => [
    { type: type === DISCOVER ? OFFER : ACK, nextServer: "0.0.0.0" },
  ]);
  expect(lease.nextServer).toBeUndefined();
  expect(clock.monotonicMs()).toBe(1000);
});

test("rejects when it is stopped", async () => {
  const stop = new AbortController();
  const wire = new FakeWire(() => {
    stop.abort(new Error("stopped"));
    return [];
  });
  const options = { interfaceName: "eth0", macAddress: "de:ad:be:ef:00:00", transport: wire };
  const client = requestLease(
    { ...options, beginRequest: async () => ({ end: () => undefined }) },
    { clock: new HastyClock(), log: keepingLogger([]) },
    stop.signal,
  );
  await expect(client).rejects.toThrow("stopped");
});
