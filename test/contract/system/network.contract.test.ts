import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const NAMESPACE = `system-contract-${process.pid}`;
const PROBE = fileURLToPath(new URL("network-probe.ts", import.meta.url));

const ip = (...args: readonly string[]): string => execFileSync("ip", args, { encoding: "utf8" });

interface ProbedInterface {
  readonly name: string;
  readonly isUp: boolean;
  readonly mtu: number;
}

interface ProbeReport {
  readonly before: readonly ProbedInterface[];
  readonly after: readonly ProbedInterface[];
  readonly defaultRoutes: readonly string[];
  readonly vlanCreated?: string;
}

/** What iproute2 says of the VLAN interface `name`, made by `ip` itself or by us. */
interface LinkDetails {
  readonly link: string;
  readonly linkinfo: { readonly info_kind: string; readonly info_data: { readonly id: number } };
}

describe("NodeInterfaces and NodeSockets in a network namespace", () => {
  let report: ProbeReport = { before: [], after: [], defaultRoutes: [] };

  beforeAll(() => {
    ip("netns", "add", NAMESPACE);
    ip(
      "-n",
      NAMESPACE,
      "link",
      "add",
      "va",
      "address",
      "02:00:00:00:00:0a",
      "type",
      "veth",
      "peer",
      "name",
      "vb",
    );
    // A UTS namespace as well: the probe sets the host name.
    const probe = ["netns", "exec", NAMESPACE, "unshare", "--uts", process.execPath, PROBE];
    report = JSON.parse(execFileSync("ip", probe, { encoding: "utf8", timeout: 20_000 })) as ProbeReport;
  });
  afterAll(() => ip("netns", "delete", NAMESPACE));

  it("lists interfaces as they are", () => {
    expect(report.before.find(({ name }) => name === "va")).toEqual({
      name: "va",
      macAddress: "02:00:00:00:00:0a",
      isUp: false,
      isBroadcast: true,
      isPhysical: false,
      hasCarrier: false,
      mtu: 1500,
    });
    expect(report.before.find(({ name }) => name === "lo")).toMatchObject({
      isBroadcast: false,
      isPhysical: false,
    });
  });

  it("brings interfaces up and sees the carrier", () => {
    expect(report).toMatchObject({ carrierWhileDown: false, carrierWhileUp: true, carrierOfUnknown: false });
    expect(report.after.filter(({ name }) => name !== "lo").map(({ isUp }) => isUp)).toEqual([true, true]);
  });

  it("broadcasts from an interface without address, to a socket on another one", () => {
    expect(report).toMatchObject({ received: { text: "discover", address: "0.0.0.0", port: 10_068 } });
  });

  it("replaces the address and the default route", () => {
    expect(report).toMatchObject({ hasNewAddress: true, hasOldAddress: false });
    expect(report.defaultRoutes.map((line) => line.split("\t").slice(0, 3))).toEqual([
      ["va", "00000000", "020200C0"],
    ]);
  });

  it("sets the host name", () => {
    expect(report).toMatchObject({ hostname: "probe-host" });
  });

  it("sets the MTU", () => {
    expect(report.after.find(({ name }) => name === "va")?.mtu).toBe(1400);
  });

  it("adds routes on the link and through gateways outside the subnet, and replaces them", () => {
    expect(report).toMatchObject({
      routes: [
        "va 00000000 020200C0 00000000",
        "va 000200C0 00000000 80FFFFFF",
        "va 006433C6 017100CB 00FFFFFF",
        "va 017100CB 00000000 FFFFFFFF",
      ],
    });
  });

  it("makes VLAN interfaces where the kernel has them", () => {
    const details = (): readonly LinkDetails[] =>
      JSON.parse(ip("-d", "-j", "-n", NAMESPACE, "link", "show", "va.5")) as readonly LinkDetails[];
    if (report.vlanCreated !== "no error") {
      // As for `ip` itself.
      const arguments_ = ["link", "add", "link", "va", "name", "va.5", "type", "vlan", "id", "5"];
      expect(() => ip("-n", NAMESPACE, ...arguments_)).toThrow(/Unknown device type/);
      expect(report).toMatchObject({ vlanCreated: "ENOTSUP", vlanAgain: "ENOTSUP" });
      return;
    }
    expect(details()).toMatchObject([{ link: "va", linkinfo: { info_kind: "vlan", info_data: { id: 5 } } }]);
    expect(report).toMatchObject({ vlanAgain: "EEXIST" });
  });

  it("reports what the kernel refuses", () => {
    expect(report).toMatchObject({
      gatewayOnLink: "no error",
      unreachableGateway: "ENETUNREACH",
      unknownInterface: "ENODEV",
      impossibleName: "ENODEV",
      badAddress: "EINVAL",
      badPrefix: "EINVAL",
      socketOnUnknown: "ENODEV",
      badVlanId: "EINVAL",
      vlanOnUnknown: "ENODEV",
      impossibleVlanName: "ENODEV",
      badMtu: "EINVAL",
      mtuOfUnknown: "ENODEV",
      unreachableRoute: "ENETUNREACH",
      routeOnUnknown: "ENODEV",
      badDestination: "EINVAL",
      badRoutePrefix: "EINVAL",
    });
  });
});
