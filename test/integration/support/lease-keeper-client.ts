import { applyActiveInterface, planFromLease } from "../../../src/network/bring-up.ts";
import { acquireLease } from "../../../src/network/dhcp/acquire.ts";
import { keepLease } from "../../../src/network/dhcp/lease-keeper.ts";
import { createNodeHost } from "../../../src/system/node/node-host.ts";
import { runClientScript } from "./client-script.ts";

interface LeaseKeeperRequest {
  readonly interfaceName: string;
  readonly keepMs: number;
}

/** Gets a lease, configures the interface and keeps the lease for a while. */
await runClientScript<LeaseKeeperRequest>(async ({ interfaceName, keepMs }, log) => {
  await using host = createNodeHost();
  const { interfaces, clock } = host;
  const signal = AbortSignal.timeout(60_000);
  const found = (await interfaces.list()).filter(({ name }) => name === interfaceName);
  const ports = { ...host, log, random: Math.random };
  const { lease } = await acquireLease(ports, { interfaces: found, timeoutMs: 20_000 }, signal);
  const files = { writeFileAtomic: async () => undefined };
  await applyActiveInterface({ interfaces, files, log }, planFromLease(lease));
  await using _keeper = keepLease(ports, found[0]?.macAddress ?? "", lease, signal);
  await clock.sleep(keepMs, signal);
  return { address: lease.address };
});
