import { describe, expect, test } from "vitest";
import type { StepContext } from "../../../src/engine/step.ts";
import { bringUpNetwork } from "../../../src/steps/bring-up-network.step.ts";
import type { InstallOptions } from "../../../src/steps/install-options.ts";
import { listDhcpInterfaces, prepareKernelNetwork } from "../../../src/steps/kernel-network.ts";
import type { NetworkInterface } from "../../../src/system/interfaces.ts";
import { createFakeHost, type FakeHost } from "../../support/fake-host.ts";
import { createRecordingLogger } from "../../support/recording-logger.ts";
import { silentProgress } from "../../support/silent-progress.ts";

function ethernet(name: string, hasCarrier = true): NetworkInterface {
  const macAddress = `52:54:00:00:00:0${name.slice(-1)}`;
  return { name, macAddress, isUp: false, isBroadcast: true, isPhysical: true, hasCarrier, mtu: 1500 };
}

const LOOPBACK = { ...ethernet("lo0"), name: "lo", isBroadcast: false, isPhysical: false };
const OPTIONS = { procDirectory: "/proc", tftpDirectory: "/tftpdata" } as InstallOptions;

function makeMachine(commandLine: string, config?: object, links = [ethernet("eth0"), ethernet("eth1")]) {
  const host = createFakeHost({
    files: {
      "/etc/": "",
      "/proc/cmdline": `${commandLine}\n`,
      ...(config === undefined ? {} : { "/tftpdata/config.json": JSON.stringify(config) }),
    },
    interfaces: [LOOPBACK, ...links],
  });
  const log = createRecordingLogger();
  const context: StepContext = {
    host,
    log,
    progress: silentProgress,
    signal: new AbortController().signal,
    cleanup: new AsyncDisposableStack(),
  };
  return { host, log, context };
}

async function upNames(host: FakeHost): Promise<readonly string[]> {
  return (await host.interfaces.list()).filter(({ isUp }) => isUp).map(({ name }) => name);
}

/** A machine whose only address lies in VLAN 7, on the trunk. */
const VLAN_ONLY = {
  Machine: { Hostname: "web1.example", HostIpAddress: "10.7.0.2" },
  Subnets: [
    {
      Id: "Servers",
      IpGateway: "10.7.0.1",
      IpMask: "255.255.255.0",
      VlanId: 7,
      DomainNameServers: ["10.7.0.53"],
    },
  ],
};

describe("a fixed address on the kernel command line", () => {
  test("is set up, and the configuration is still to be fetched", async () => {
    const line = "ip=10.0.0.2:10.0.0.9:10.0.0.1:24:Web1.example:eth1:none:1400 nameserver=10.0.0.53";
    const { host, context } = makeMachine(line);
    const state = await bringUpNetwork.run(OPTIONS, context);
    expect(state).toMatchObject({
      active: { interfaceName: "eth1", address: "10.0.0.2" },
      isConfigurationInjected: false,
      bootServer: "10.0.0.9",
    });
    expect(state).not.toHaveProperty("lease");
    const { interfaces } = host;
    expect(interfaces.addresses.get("eth1")).toEqual({ address: "10.0.0.2", prefixLength: 24 });
    expect([interfaces.defaultGateway, interfaces.hostname]).toEqual(["10.0.0.1", "web1"]);
    expect((await interfaces.list()).find(({ name }) => name === "eth1")?.mtu).toBe(1400);
    expect(await upNames(host)).toEqual(["lo", "eth0", "eth1"]);
    expect(await host.files.readText("/etc/resolv.conf")).toContain("\nnameserver 10.0.0.53\n");
  });

  test("wins over the configuration on the boot medium, which is used all the same", async () => {
    const { host, context } = makeMachine("ip=10.0.0.2:::24::eth1:none hostname=byhand", VLAN_ONLY);
    const state = await bringUpNetwork.run(OPTIONS, context);
    expect(state).toMatchObject({ active: { address: "10.0.0.2" }, isConfigurationInjected: true });
    expect([host.interfaces.defaultGateway, host.interfaces.hostname]).toEqual([undefined, "byhand"]);
  });

  test("on a VLAN", async () => {
    const { host, context } = makeMachine("vlan=eth0.7:eth0 ip=10.7.0.2::10.7.0.1:24:::none");
    await bringUpNetwork.run(OPTIONS, context);
    expect(host.interfaces.addresses.get("eth0.7")).toEqual({ address: "10.7.0.2", prefixLength: 24 });
    expect(await upNames(host)).toEqual(["lo", "eth0", "eth1", "eth0.7"]);
  });

  test("on two interfaces: the second gets its address, the first the default route", async () => {
    const line =
      "ip=10.0.0.2::10.0.0.1:24::eth0:none ip=10.1.0.2::10.1.0.1:24::eth1:none rd.route=10.9.0.0/16:10.1.0.1:eth1";
    const { host, context } = makeMachine(line);
    await bringUpNetwork.run(OPTIONS, context);
    expect([...host.interfaces.addresses.keys()].toSorted()).toEqual(["eth0", "eth1"]);
    expect(host.interfaces.defaultGateway).toBe("10.0.0.1");
    expect(host.interfaces.routes).toEqual([
      { destination: "10.9.0.0", prefixLength: 16, gateway: "10.1.0.1", interfaceName: "eth1" },
    ]);
  });
});

test("an argument with a typing error stops before anything is changed", async () => {
  const { host, context } = makeMachine("ip=10.0.0.2:::24::eth7:none", VLAN_ONLY);
  await expect(bringUpNetwork.run(OPTIONS, context)).rejects.toMatchObject({ code: "E_KERNEL_ARGUMENT" });
  expect(await upNames(host)).toEqual([]);
});

test("a VLAN without address is made, raised, and the only place for DHCP", async () => {
  const { host, context } = makeMachine("vlan=vlan7:eth1");
  const interfaces = [ethernet("eth0"), ethernet("eth1")];
  const plan = await prepareKernelNetwork("/proc", interfaces, context);
  expect(await upNames(host)).toEqual(["eth1", "vlan7"]);
  const candidates = await listDhcpInterfaces(plan, interfaces, context);
  expect(candidates.map(({ name, macAddress }) => `${name} ${macAddress}`)).toEqual([
    "vlan7 52:54:00:00:00:01",
  ]);
});

describe("a configuration on the boot medium with addresses on the VLAN trunk only", () => {
  test("is followed on the link that has a carrier", async () => {
    const { host, context } = makeMachine("quiet", VLAN_ONLY, [ethernet("eth0", false), ethernet("eth1")]);
    const state = await bringUpNetwork.run(OPTIONS, context);
    expect(state.active).toMatchObject({ interfaceName: "eth1.7", address: "10.7.0.2", gateway: "10.7.0.1" });
    expect(host.interfaces.addresses.get("eth1.7")).toEqual({ address: "10.7.0.2", prefixLength: 24 });
    expect(host.clock.sleeps).toEqual([]);
  });

  test("waits for a link, and gives up when there is none", async () => {
    const { host, context } = makeMachine("quiet", VLAN_ONLY, [ethernet("eth0", false)]);
    await expect(bringUpNetwork.run(OPTIONS, context)).rejects.toMatchObject({ code: "E_NETWORK_NO_MATCH" });
    expect(host.clock.monotonicMs()).toBe(60_000);
  });
});
