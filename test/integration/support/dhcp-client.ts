import { acquireLease } from "../../../src/network/dhcp/acquire.ts";
import { createNodeHost } from "../../../src/system/node/node-host.ts";
import { runClientScript } from "./client-script.ts";

interface DhcpClientRequest {
  readonly interfaces: readonly string[];
  readonly timeoutMs: number;
}

/** Gets a lease on the named interfaces of this namespace. */
await runClientScript<DhcpClientRequest>(async ({ interfaces, timeoutMs }, log) => {
  await using host = createNodeHost();
  const found = (await host.interfaces.list()).filter(({ name }) => interfaces.includes(name));
  const ports = { ...host, log, random: Math.random };
  const { lease } = await acquireLease(ports, { interfaces: found, timeoutMs }, AbortSignal.timeout(60_000));
  const { options, packet, tftpServerName, ...values } = lease;
  return {
    ...values,
    tftpServerName: tftpServerName?.toString("latin1"),
    optionCodes: [...options.keys()],
    packetBytes: packet.length,
  };
});
