import { describe, expect, test } from "vitest";
import type { DhcpLease } from "../../../../src/network/dhcp/lease.ts";
import { keepLease } from "../../../../src/network/dhcp/lease-keeper.ts";
import { type Answers, makeMachine } from "./dhcp-machine.ts";
import { makeLease } from "./make-lease.ts";

const [ACK, NAK] = [5, 6] as const;
const never = new AbortController().signal;
const MINUTE: Buffer = Buffer.of(0, 0, 0, 60);
const LEASE = makeLease({ leaseSeconds: 60 });

/** Keeps `lease` for `seconds`; the answers come from servers. */
async function keep(lease: DhcpLease, seconds: number, answers: Answers) {
  const machine = makeMachine({ eth0: answers });
  const { ports, clock, sockets } = machine;
  await using _keeper = keepLease(ports, "de:ad:be:ef:00:00", lease, never);
  await clock.sleep(seconds * 1000, never);
  return { ...machine, destinations: sockets.get("eth0")?.destinations ?? [] };
}

test("is renewed by its server at half of its time, again and again", async () => {
  const askedMs: number[] = [];
  const machine = makeMachine({
    eth0: () => {
      askedMs.push(clock.monotonicMs());
      return [{ type: ACK, options: { 51: MINUTE } }];
    },
  });
  const { ports, clock, sockets, lines } = machine;
  {
    await using _keeper = keepLease(ports, "de:ad:be:ef:00:00", LEASE, never);
    await clock.sleep(100_000, never);
  }
  expect(askedMs).toEqual([30_000, 60_000, 90_000]);
  expect(sockets.get("eth0")?.destinations).toEqual(["10.1.2.1"]);
  expect(sockets.get("eth0")?.isClosed).toBe(true);
  expect(lines).toContain("eth0: the lease of 10.1.2.3 was renewed");
});

test("asks for its address as a machine that has it (RFC 2131 table 5)", async () => {
  let isChecked = false;
  const machine = makeMachine({ eth0: () => [] });
  const { ports, clock } = machine;
  const { FakeWire } = await import("./dhcp-server.ts");
  const { WireSocket } = await import("./dhcp-machine.ts");
  const wire = new FakeWire((message) => {
    isChecked = true;
    expect(message).toMatchObject({ clientAddress: "10.1.2.3", broadcast: false, operation: 1 });
    expect(message.options.get(53)).toEqual(Buffer.of(3));
    expect(message.options.has(50)).toBe(false);
    expect(message.options.has(54)).toBe(false);
    return [];
  });
  const sockets = { openUdpOnInterface: async () => new WireSocket(wire) as never };
  await using _keeper = keepLease({ ...ports, sockets }, "de:ad:be:ef:00:00", LEASE, never);
  await clock.sleep(31_000, never);
  expect(isChecked).toBe(true);
});

test("its server falls silent: everybody is asked, and another server extends it", async () => {
  let count = 0;
  const { destinations, lines } = await keep(LEASE, 59, () => {
    count += 1;
    return count < 5
      ? []
      : [{ type: ACK, options: { 51: Buffer.of(0, 0, 1, 0), 54: Buffer.of(10, 1, 2, 9) } }];
  });
  expect(destinations.slice(0, 4)).toEqual(["10.1.2.1", "10.1.2.1", "10.1.2.1", "10.1.2.1"]);
  expect(destinations.at(-1)).toBe("255.255.255.255");
  expect(lines).toContain("eth0: the lease of 10.1.2.3 was renewed");
});

describe("never ends an installation", () => {
  test("when the lease runs out: that is logged once, and asking goes on", async () => {
    const { warnings, destinations } = await keep(LEASE, 120, () => []);
    expect(warnings).toEqual([
      "eth0: nobody renewed the lease of 10.1.2.3, which is over; keeping the address",
    ]);
    expect(destinations.filter((address) => address === "255.255.255.255").length).toBeGreaterThan(10);
  });

  test("when the server refuses", async () => {
    const { warnings, destinations } = await keep(LEASE, 120, () => [
      { type: NAK, options: { 56: Buffer.from("gone") } },
    ]);
    expect(warnings).toEqual([
      'eth0: the DHCP server refuses to extend the lease of 10.1.2.3 "gone"; keeping the address',
    ]);
    expect(destinations).toHaveLength(1);
  });

  test("when the server gives another address", async () => {
    const { warnings } = await keep(LEASE, 40, () => [
      { type: ACK, address: "10.1.2.99", options: { 51: MINUTE } },
    ]);
    expect(warnings).toEqual([
      "eth0: the DHCP server now gives 10.1.2.99; keeping 10.1.2.3 until the restart",
    ]);
  });

  test("when no socket can be had", async () => {
    const { ports, clock, warnings } = makeMachine({ eth0: () => [] });
    const sockets = { openUdpOnInterface: async () => Promise.reject(new Error("EMFILE")) };
    await using _keeper = keepLease({ ...ports, sockets }, "de:ad:be:ef:00:00", LEASE, never);
    await clock.sleep(31_000, never);
    expect(warnings).toEqual(["eth0: renewing the lease: EMFILE"]);
  });
});

test("a lease for ever is left alone", async () => {
  const { sockets } = await keep(makeLease(), 1e6, () => []);
  expect(sockets.size).toBe(0);
});

test("ends at once when it is disposed or stopped", async () => {
  const stop = new AbortController();
  const { ports, warnings } = makeMachine({ eth0: () => [] });
  const keeper = keepLease(ports, "de:ad:be:ef:00:00", LEASE, stop.signal);
  stop.abort(new Error("stopped"));
  await keeper[Symbol.asyncDispose]();
  expect(warnings).toEqual([]);
});
