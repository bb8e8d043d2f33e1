import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const NAMESPACE = `packet-contract-${process.pid}`;
const PROBE = fileURLToPath(new URL("packet-probe.ts", import.meta.url));

const ip = (...args: readonly string[]): string => execFileSync("ip", args, { encoding: "utf8" });

describe("packet sockets in a network namespace", () => {
  let report: unknown;

  beforeAll(() => {
    ip("netns", "add", NAMESPACE);
    ip("-n", NAMESPACE, "link", "add", "va", "type", "veth", "peer", "name", "vb");
    const probe = ["netns", "exec", NAMESPACE, process.execPath, PROBE];
    // The limit is also the test that an open socket does not keep a process alive.
    report = JSON.parse(execFileSync("ip", probe, { encoding: "utf8", timeout: 20_000 }));
  });
  afterAll(() => ip("netns", "delete", NAMESPACE));

  it("hear what is sent to their port, without an address, and nothing else", () => {
    expect(report).toMatchObject({
      heard: { server: ["to the server"], other: ["to the other port"] },
      errors: [],
    });
  });

  it("hear again after the interface was down", () => {
    expect(report).toMatchObject({ heard: { client: ["to the client", "after the link was down"] } });
  });

  it("report an interface that is not there", () => {
    expect(report).toMatchObject({ unknown: "ENODEV" });
  });

  it("an address is taken away with its routes, also when there is none", () => {
    expect(report).toMatchObject({ routesBefore: 2, routesAfter: 0, hasAddress: false });
  });
});
