import { createServer } from "node:http";
import { expect, test } from "vitest";
import type { StepContext } from "../../../src/engine/step.ts";
import { planFromLease } from "../../../src/network/bring-up.ts";
import type { InstallOptions } from "../../../src/steps/install-options.ts";
import { makeLeaseProbe } from "../../../src/steps/try-lease.ts";
import type { NetworkInterface } from "../../../src/system/interfaces.ts";
import { createFakeHost, FakeClock } from "../../support/fake-host.ts";
import { silentProgress } from "../../support/silent-progress.ts";
import { keepingLogger } from "../network/dhcp/dhcp-server.ts";
import { makeLease } from "../network/dhcp/make-lease.ts";

const ETH0: NetworkInterface = {
  name: "eth0",
  macAddress: "02:00:00:00:00:01",
  isUp: true,
  isBroadcast: true,
  isPhysical: true,
  hasCarrier: true,
  mtu: 1500,
};
const INPUT = { interfaces: [ETH0], plan: planFromLease };
const never = new AbortController().signal;

async function makeMachine() {
  // Time stands still: what is asked for comes from this very machine, at once.
  const host = { ...createFakeHost({ interfaces: [ETH0] }), clock: new FakeClock({ manual: true }) };
  await host.files.makeDirectory("/etc", { parents: true });
  await host.files.makeDirectory("/proc", { parents: true });
  await host.files.writeFile("/proc/cmdline", "quiet\n");
  const context: StepContext = {
    host,
    log: keepingLogger([]),
    progress: silentProgress,
    signal: never,
    cleanup: new AsyncDisposableStack(),
  };
  return { host, context };
}

function options(values: Partial<InstallOptions>): InstallOptions {
  const none = { configurationLoader: "", configurationBaseUrl: "", tftpServerHostname: "" };
  return { ...none, ...values } as InstallOptions;
}

test("a lease that leads nowhere leaves neither its address nor its MTU behind", async () => {
  const { host, context } = await makeMachine();
  const probe = makeLeaseProbe(options({}), INPUT, context);
  await expect(probe?.(makeLease({ mtu: 9000 }), never)).rejects.toMatchObject({ code: "E_TFTP_NO_SERVER" });
  expect(host.interfaces.addresses.size).toBe(0);
  expect(await host.interfaces.list()).toMatchObject([{ name: "eth0", mtu: 1500 }]);
});

test("a lease whose web server answers stays configured", async () => {
  const { host, context } = await makeMachine();
  using server = await startWebServer();
  const probe = makeLeaseProbe(options({ configurationBaseUrl: server.url }), INPUT, context);
  await probe?.(makeLease(), never);
  expect(host.interfaces.addresses.get("eth0")).toEqual({ address: "10.1.2.3", prefixLength: 24 });
  expect(server.requests).toEqual(["/config.json?mac=02:00:00:00:00:01"]);
});

test("with an operator's loader nothing is probed", async () => {
  const { context } = await makeMachine();
  expect(makeLeaseProbe(options({ configurationLoader: "/bin/load" }), INPUT, context)).toBeUndefined();
});

async function startWebServer() {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(request.url ?? "");
    response.end("{}");
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  return {
    requests,
    url: `http://127.0.0.1:${port}`,
    [Symbol.dispose]: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
