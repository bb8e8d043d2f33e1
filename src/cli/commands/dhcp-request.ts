import { millisecondsOf } from "../../core/duration.ts";
import { InstallerError } from "../../core/errors.ts";
import { acquireLease } from "../../network/dhcp/acquire.ts";
import { writePacketLog } from "../../network/dhcp/packet-log.ts";
import type { CommandContext } from "../command.ts";

/** One DHCP exchange, recorded on disk; the machine's addresses stay as they are (spec/cli.md section 7). */
export async function run({ flags, log, signal, openHost }: CommandContext): Promise<number> {
  const host = await openHost();
  const all = await host.interfaces.list();
  const interfaces = all.filter(({ isPhysical, isBroadcast, isUp }) => isPhysical && isBroadcast && isUp);
  if (interfaces.length === 0) {
    throw new InstallerError("E_DHCP_FAILED", "unable to issue DHCP request on any interface", {
      hint: "raise an Ethernet interface first: `ip link set eth0 up`",
    });
  }
  const { interfaces: port, sockets, clock } = host;
  const { lease } = await acquireLease(
    { interfaces: port, sockets, clock, log, random: Math.random },
    { interfaces, timeoutMs: millisecondsOf(flags.dhcpTimeout) },
    signal,
  );
  log.info(`logged DHCP response in: ${await writePacketLog(host.files, lease)}`);
  if (lease.hostname !== undefined) log.info(`DHCP HostName option found, value=${lease.hostname}`);
  return 0;
}
