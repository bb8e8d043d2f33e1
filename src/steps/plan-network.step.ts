import type { Configuration } from "../config/read-configuration.ts";
import type { Step } from "../engine/step.ts";
import { planTargetNetwork } from "../network/target/plan.ts";
import type { NetworkState } from "./bring-up-network.step.ts";

export interface PlanNetworkInput {
  readonly network: NetworkState;
  readonly configuration: Configuration;
}

/**
 * Proves, before anything is changed, that the new system's network can be configured. What is written at the end is
 * planned anew from the cables that are plugged in then.
 */
export const planNetwork: Step<PlanNetworkInput, void> = {
  id: "plan-network",
  title: "Plan the new system's network",
  destructive: false,
  async run({ network, configuration }, { host, log }) {
    const present = await Promise.all(
      network.interfaces.map(async ({ name, macAddress }) => {
        return { name, macAddress, hasCarrier: await host.interfaces.hasCarrier(name) };
      }),
    );
    const { notes } = planTargetNetwork(configuration.machine, present);
    for (const note of notes) log.debug(1, note);
  },
};
