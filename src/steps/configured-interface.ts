import { hasCode } from "../core/errors.ts";
import type { StepContext } from "../engine/step.ts";
import { makeVlans } from "../network/bring-up.ts";
import {
  chooseInterface,
  chooseTrunkInterface,
  hasTrunkAddress,
  type InterfaceChoice,
  type TrunkChoice,
} from "../network/choose-interface.ts";
import type { MachineNetwork } from "../network/model.ts";
import type { NetworkInterface } from "../system/interfaces.ts";

/** A switch port with spanning tree takes up to 30 s to report a carrier that lasts. */
const CARRIER_LIMIT_MS = 60_000;
const CARRIER_POLL_MS = 200;

/**
 * The interface that the configuration on the boot medium means; the interfaces have been raised. For a machine that has
 * addresses on its VLAN trunk only, waits for a link and makes the VLAN interface. Rejects with E_NETWORK_NO_MATCH or
 * E_NETWORK_SETUP.
 */
export async function findConfiguredInterface(
  machine: MachineNetwork,
  interfaces: readonly NetworkInterface[],
  context: StepContext,
): Promise<InterfaceChoice> {
  try {
    return chooseInterface(machine, interfaces);
  } catch (error) {
    if (!hasCode(error, "E_NETWORK_NO_MATCH") || !hasTrunkAddress(machine)) throw error;
    const choice = await awaitTrunk(machine, interfaces, context);
    if (choice === undefined) throw error;
    const { host, log } = context;
    await makeVlans({ interfaces: host.interfaces, log }, choice.vlan === undefined ? [] : [choice.vlan]);
    return choice;
  }
}

async function awaitTrunk(
  machine: MachineNetwork,
  interfaces: readonly NetworkInterface[],
  { host, log, signal }: StepContext,
): Promise<TrunkChoice | undefined> {
  const untilMs = host.clock.monotonicMs() + CARRIER_LIMIT_MS;
  log.info("no network entry has a MAC address of this machine: looking for the link that carries the VLANs");
  for (;;) {
    const present = await Promise.all(
      interfaces.map(async (entry) => ({
        ...entry,
        hasCarrier: await host.interfaces.hasCarrier(entry.name),
      })),
    );
    const choice = chooseTrunkInterface(machine, present);
    if (choice !== undefined || host.clock.monotonicMs() >= untilMs) return choice;
    await host.clock.sleep(CARRIER_POLL_MS, signal);
  }
}
