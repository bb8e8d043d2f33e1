import { describe, expect, test } from "vitest";
import { acquireLease } from "../../../../src/network/dhcp/acquire.ts";
import type { DhcpLease } from "../../../../src/network/dhcp/lease.ts";
import { type Answer, makeMachine } from "./dhcp-machine.ts";

const [DISCOVER, OFFER, ACK] = [1, 2, 5] as const;
const never = new AbortController().signal;

/** The option that says who a server is. */
function server(last: number): NonNullable<Answer["options"]> {
  return { 54: Buffer.of(10, 1, 2, last) };
}

/** A wire with a server at each of these addresses; each acknowledges what was asked of it. */
function wireWith(...servers: readonly number[]) {
  const requests: number[] = [];
  return {
    requests,
    answer: (type: number, asked: Buffer | undefined): readonly Answer[] => {
      if (type === DISCOVER)
        return servers.map((last) => ({
          type: OFFER,
          address: `10.1.2.${100 + last}`,
          options: server(last),
        }));
      const last = asked?.[3] ?? 0;
      requests.push(last);
      return [{ type: ACK, address: `10.1.2.${100 + last}`, options: server(last) }];
    },
  };
}

/** Fails for all servers but `good`, and keeps whom it was asked about. */
function makeProbe(isGood: (lease: DhcpLease, count: number) => boolean) {
  const probed: string[] = [];
  return {
    probed,
    probe: async (lease: DhcpLease): Promise<void> => {
      probed.push(`${lease.interfaceName} ${lease.serverIdentifier}`);
      if (!isGood(lease, probed.length)) throw new Error("no answer by TFTP");
    },
  };
}

describe("a server whose configuration server does not answer", () => {
  test("is passed over for another one on the same wire, and named in the log", async () => {
    const wire = wireWith(1, 2);
    const { ports, interfaces, lines } = makeMachine({ eth0: wire.answer });
    const { probe, probed } = makeProbe(({ serverIdentifier }) => serverIdentifier === "10.1.2.2");
    const result = await acquireLease(ports, { interfaces, probe }, never);
    expect(result).toMatchObject({ isProven: true, lease: { address: "10.1.2.102" } });
    expect(probed).toEqual(["eth0 10.1.2.1", "eth0 10.1.2.2"]);
    expect(lines).toContain("eth0: passing over DHCP server 10.1.2.1: no answer by TFTP");
  });

  test("is passed over for one on another interface", async () => {
    const { ports, interfaces } = makeMachine({ eth0: wireWith(1).answer, eth1: wireWith(2).answer });
    const { probe } = makeProbe(({ interfaceName }) => interfaceName === "eth1");
    const { lease } = await acquireLease(ports, { interfaces, probe }, never);
    expect(lease.interfaceName).toBe("eth1");
  });

  test("is tried again when there is no other, without a second request (it may answer only one)", async () => {
    const wire = wireWith(1);
    const { ports, interfaces, clock } = makeMachine({ eth0: wire.answer });
    const { probe, probed } = makeProbe((_lease, count) => count === 3);
    await expect(acquireLease(ports, { interfaces, probe }, never)).resolves.toMatchObject({
      isProven: true,
    });
    expect(probed).toHaveLength(3);
    expect(wire.requests).toEqual([1]);
    expect(clock.monotonicMs()).toBe(20_000);
  });

  test("is asked for a new lease when the old one is over", async () => {
    const wire = wireWith(1);
    const short = (type: number, asked: Buffer | undefined): readonly Answer[] =>
      wire
        .answer(type, asked)
        .map((entry) => ({ ...entry, options: { ...entry.options, 51: Buffer.of(0, 0, 0, 5) } }));
    const { ports, interfaces } = makeMachine({ eth0: short });
    const { probe } = makeProbe((_lease, count) => count === 2);
    await acquireLease(ports, { interfaces, probe }, never);
    expect(wire.requests).toEqual([1, 1]);
  });

  test("is used when time is over, and an error names all that were tried", async () => {
    const { ports, interfaces, lines } = makeMachine({ eth0: wireWith(1, 2).answer });
    const { probe } = makeProbe(() => false);
    const result = await acquireLease(ports, { interfaces, probe, timeoutMs: 60_000 }, never);
    expect(result).toMatchObject({ isProven: false, lease: { address: "10.1.2.101" } });
    expect(lines).toContain(
      "no DHCP server led to a configuration, going on with the first: " +
        "eth0: 10.1.2.1: no answer by TFTP; eth0: 10.1.2.2: no answer by TFTP",
    );
  });

  test("does not fill the log with the same line", async () => {
    const { ports, interfaces, warnings } = makeMachine({ eth0: wireWith(1).answer });
    const { probe, probed } = makeProbe(() => false);
    await acquireLease(ports, { interfaces, probe, timeoutMs: 60_000 }, never);
    expect(probed.length).toBeGreaterThan(4);
    expect(warnings.filter((line) => line.includes("passing over"))).toHaveLength(1);
  });
});

test("one lease is probed at a time", async () => {
  const { ports, interfaces } = makeMachine({
    eth0: wireWith(1).answer,
    eth1: wireWith(2).answer,
    eth2: wireWith(3).answer,
  });
  let running = 0;
  let most = 0;
  const probe = async ({ interfaceName }: DhcpLease, signal: AbortSignal): Promise<void> => {
    running += 1;
    most = Math.max(most, running);
    await ports.clock.sleep(5000, signal);
    running -= 1;
    if (interfaceName !== "eth2") throw new Error("no answer");
  };
  await acquireLease(ports, { interfaces, probe }, never);
  expect(most).toBe(1);
});

test("a probe that is under way when time is over is stopped and awaited", async () => {
  const { ports, interfaces } = makeMachine({ eth0: wireWith(1).answer });
  let isCleared = false;
  const probe = async (_lease: DhcpLease, signal: AbortSignal): Promise<void> => {
    try {
      await ports.clock.sleep(1e9, signal);
    } finally {
      await Promise.resolve();
      isCleared = true;
    }
  };
  await expect(acquireLease(ports, { interfaces, probe, timeoutMs: 3000 }, never)).rejects.toMatchObject({
    code: "E_DHCP_TIMEOUT",
  });
  expect(isCleared).toBe(true);
});

test("with a time limit of 0 there is none", async () => {
  let count = 0;
  const { ports, interfaces, clock } = makeMachine({
    eth0: (type) => {
      count += 1;
      return count < 100 ? [] : [{ type: type === DISCOVER ? OFFER : ACK }];
    },
  });
  await expect(acquireLease(ports, { interfaces, timeoutMs: 0 }, never)).resolves.toBeDefined();
  expect(clock.monotonicMs()).toBeGreaterThan(5 * 60_000);
});
