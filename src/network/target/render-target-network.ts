import type { NetworkSoftware, RendererName } from "./choose-renderer.ts";
import { renderIfupdown } from "./ifupdown.ts";
import { renderNetplan } from "./netplan.ts";
import { renderNetworkManager } from "./network-manager.ts";
import { renderNetworkd } from "./networkd.ts";
import type { PresentInterface, TargetNetworkPlan } from "./plan.ts";
import type { TargetFile } from "./target-file.ts";

/** The plan in the files of the chosen software. */
export function renderTargetNetwork(
  renderer: RendererName,
  { networkd, networkManager }: NetworkSoftware,
  plan: TargetNetworkPlan,
  interfaces: readonly PresentInterface[],
): readonly TargetFile[] {
  switch (renderer) {
    case "ifupdown":
      return renderIfupdown(plan);
    case "networkd":
      return renderNetworkd(plan, interfaces);
    case "networkmanager":
      return renderNetworkManager(plan, interfaces);
    case "netplan": {
      const lacksNetworkd = networkd === "absent" || networkd === "masked";
      const backend = lacksNetworkd && networkManager === "enabled" ? "NetworkManager" : "networkd";
      return renderNetplan(plan, interfaces, backend);
    }
  }
}
