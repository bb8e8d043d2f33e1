import { findMachineProblems } from "../../config/machine-problems.ts";
import { errorAt, type Problem } from "../../config/problem.ts";
import { InstallerError } from "../../core/errors.ts";
import type { MachineNetwork } from "../../network/model.ts";
import { planTargetNetwork } from "../../network/target/plan.ts";

/**
 * Plans the network for a machine that has every interface that is named, and a spare one: what the planner refuses
 * then, it refuses on every machine. Says nothing when there are problems with a place of their own.
 */
export function findNetworkPlanProblems(network: MachineNetwork): readonly Problem[] {
  if (findMachineProblems(network).some(({ severity }) => severity === "error")) return [];
  const macAddresses = new Set(network.entries.flatMap(({ macAddress }) => macAddress ?? []));
  const interfaces = [...macAddresses, ""].map((macAddress, index) => {
    return { name: `eth${index}`, macAddress, hasCarrier: true };
  });
  try {
    planTargetNetwork(network, interfaces);
    return [];
  } catch (error) {
    if (!(error instanceof InstallerError)) throw error;
    return [errorAt(["Machine"], error.message)];
  }
}
