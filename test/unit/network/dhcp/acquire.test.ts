import type { Socket } from "node:dgram";
import { EventEmitter } from "node:events";
import { expect, test } from "vitest";
import { acquireLease } from "../../../../src/network/dhcp/acquire.ts";
import type { NetworkInterface } from "../../../../src/system/interfaces.ts";
import { type Answer, FakeWire, HastyClock, keepingLogger } from "./dhcp-server.ts";

const [DISCOVER, OFFER, ACK] = [1, 2, 5] as const;
const never = new AbortController().signal;

/** A socket whose other end is a fake wire. */
class WireSocket extends EventEmitter {
  readonly #wire: FakeWire;
  readonly #closed = new AbortController();

  constructor(wire: FakeWire) {
    super();
    this.#wire = wire;
    void this.#deliver();
  }

  get isClosed(): boolean {
    return this.#closed.signal.aborted;
  }

  send(packet: Uint8Array, _port: number, _address: string, done: (error: Error | null) => void): void {
    void this.#wire.send(packet).then(() => done(null));
  }

  close(done: () => void): void {
    this.#closed.abort();
    setImmediate(done);
  }

  async #deliver(): Promise<void> {
    while (!this.isClosed) {
      const packet = await this.#wire.receive(this.#closed.signal).catch(() => undefined);
      if (packet !== undefined) this.emit("message", packet, { address: "10.1.2.1", port: 67 });
    }
  }
}

function makeInterface(name: string, index: number): NetworkInterface {
  return {
    name,
    macAddress: `de:ad:be:ef:00:0${index}`,
    isUp: false,
    isBroadcast: true,
    isPhysical: true,
    hasCarrier: false,
    mtu: 1500,
  };
}

/** Interfaces by name with what answers there; "no carrier" and errors instead of a wire. */
function makeMachine(
  answers: Readonly<Record<string, ((type: number) => readonly Answer[]) | "no carrier" | Error>>,
) {
  const sockets = new Map<string, WireSocket>();
  const lines: string[] = [];
  const ports = {
    clock: new HastyClock(),
    log: keepingLogger(lines),
    random: () => 0.5,
    interfaces: {
      setUp: async (name: string) => {
        const answer = answers[name];
        if (answer instanceof Error) throw answer;
      },
      hasCarrier: async (name: string) => answers[name] !== "no carrier",
    },
    sockets: {
      async openUdpOnInterface(name: string) {
        const answer = answers[name];
        if (typeof answer !== "function") throw new Error(`unexpected socket on ${name}`);
        const socket = new WireSocket(new FakeWire((message) => answer(message.options.get(53)?.[0] ?? 0)));
        sockets.set(name, socket);
        return socket as unknown as Socket;
      },
    },
  };
  return { ports, lines, sockets, interfaces: Object.keys(answers).map(makeInterface) };
}

const obliging = (type: number): readonly Answer[] => [{ type: type === DISCOVER ? OFFER : ACK }];
const silent = (): readonly Answer[] => [];

test("the interface that is answered wins; every socket is closed when it resolves", async () => {
  const { ports, interfaces, sockets, lines } = makeMachine({
    eth0: "no carrier",
    eth1: silent,
    eth2: obliging,
  });
  const lease = await acquireLease(ports, { interfaces }, never);
  expect(lease).toMatchObject({ interfaceName: "eth2", address: "10.1.2.3" });
  expect([...sockets].map(([name, { isClosed }]) => [name, isClosed])).toEqual([
    ["eth1", true],
    ["eth2", true],
  ]);
  expect(lines).toContain("requesting an address by DHCP on: eth0 eth1 eth2");
  expect(lines).toContain("eth0: waiting for carrier");
  expect(lines).toContain("eth2: using DHCP response with address: 10.1.2.3");
});

test("however many interfaces are answered, one address is requested", async () => {
  let requests = 0;
  const counting = (type: number): readonly Answer[] => {
    requests += type === DISCOVER ? 0 : 1;
    return obliging(type);
  };
  const { ports, interfaces } = makeMachine({ eth0: counting, eth1: counting, eth2: counting });
  await acquireLease(ports, { interfaces }, never);
  expect(requests).toBe(1);
});

test("an interface that cannot be used is reported, the others go on", async () => {
  const { ports, interfaces, lines } = makeMachine({ eth0: new Error("ENODEV"), eth1: obliging });
  await expect(acquireLease(ports, { interfaces }, never)).resolves.toMatchObject({ interfaceName: "eth1" });
  expect(lines).toContain("eth0: requesting an address by DHCP: ENODEV");
});

test("no interface at all", async () => {
  const { ports } = makeMachine({});
  await expect(acquireLease(ports, { interfaces: [] }, never)).rejects.toMatchObject({
    code: "E_DHCP_FAILED",
  });
});

test("no interface can be used", async () => {
  const { ports, interfaces } = makeMachine({ eth0: new Error("ENODEV"), eth1: new Error("EPERM") });
  await expect(acquireLease(ports, { interfaces }, never)).rejects.toMatchObject({
    code: "E_DHCP_FAILED",
    message: "unable to issue DHCP request on any interface",
    cause: { message: "ENODEV" },
  });
});

test("time runs out", async () => {
  const { ports, interfaces } = makeMachine({ eth0: "no carrier" });
  await expect(acquireLease(ports, { interfaces, timeoutMs: 1000 }, never)).rejects.toMatchObject({
    code: "E_DHCP_TIMEOUT",
    message: "timed out waiting for DHCP",
  });
});

test("stopped from outside", async () => {
  const stop = new AbortController();
  const { ports, interfaces } = makeMachine({
    eth0: () => {
      stop.abort(new Error("stopped"));
      return [];
    },
  });
  await expect(acquireLease(ports, { interfaces }, stop.signal)).rejects.toThrow("stopped");
});
