import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const NAMESPACE = `system-contract-${process.pid}`;
const PROBE = fileURLToPath(new URL("network-probe.ts", import.meta.url));

const ip = (...args: readonly string[]): string => execFileSync("ip", args, { encoding: "utf8" });

interface ProbedInterface {
  readonly name: string;
  readonly isUp: boolean;
}

interface ProbeReport {
  readonly before: readonly ProbedInterface[];
  readonly after: readonly ProbedInterface[];
  readonly defaultRoutes: readonly string[];
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

  it("reports what the kernel refuses", () => {
    expect(report).toMatchObject({
      unreachableGateway: "ENETUNREACH",
      unknownInterface: "ENODEV",
      impossibleName: "ENODEV",
      badAddress: "EINVAL",
      badPrefix: "EINVAL",
      socketOnUnknown: "ENODEV",
    });
  });
});
