import { expect, test } from "vitest";
import { acquireLease } from "../../../../src/network/dhcp/acquire.ts";
import { type Answer, makeMachine } from "./dhcp-machine.ts";

const [DISCOVER, OFFER, ACK] = [1, 2, 5] as const;
const never = new AbortController().signal;

const obliging = (type: number): readonly Answer[] => [{ type: type === DISCOVER ? OFFER : ACK }];
const silent = (): readonly Answer[] => [];

test("the interface that is answered wins; every socket is closed when it resolves", async () => {
  const { ports, interfaces, sockets, lines } = makeMachine({
    eth0: "no carrier",
    eth1: silent,
    eth2: obliging,
  });
  const { lease } = await acquireLease(ports, { interfaces }, never);
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
  await expect(acquireLease(ports, { interfaces }, never)).resolves.toMatchObject({
    lease: { interfaceName: "eth1" },
    isProven: false,
  });
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
  const noRouter = (): readonly Answer[] => [{ type: OFFER, options: { 3: undefined } }];
  const answers = { eth0: "no carrier", eth1: silent, eth2: noRouter, eth3: new Error("ENODEV") } as const;
  const { ports, interfaces } = makeMachine(answers);
  await expect(acquireLease(ports, { interfaces, timeoutMs: 1000 }, never)).rejects.toMatchObject({
    code: "E_DHCP_TIMEOUT",
    message:
      "timed out waiting for DHCP: eth0: no carrier; eth1: link up, no answer; eth2: no usable answer; eth3: ENODEV",
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
