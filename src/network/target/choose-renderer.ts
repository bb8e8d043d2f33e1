/** Software that can configure the network of the new system; the values of `-networkRenderer`, besides `auto`. */
export const RENDERER_NAMES = ["ifupdown", "netplan", "networkd", "networkmanager"] as const;

export type RendererName = (typeof RENDERER_NAMES)[number];

/** What the operator may ask for; `auto`: what the image contains. */
export type RequestedRenderer = RendererName | "auto";

/** A service of the image: `masked` ones cannot be started, `disabled` ones are not started by themselves. */
export type ServiceState = "absent" | "masked" | "disabled" | "enabled";

/** What of it is in an image. */
export interface NetworkSoftware {
  readonly ifupdown: boolean;
  readonly netplan: boolean;
  readonly networkd: ServiceState;
  readonly networkManager: ServiceState;
}

export interface RendererChoice {
  readonly renderer: RendererName;
  /** Set when the new system would come up without a network although its files are there. */
  readonly warning?: string;
}

/**
 * Which software's files are to be written. ifupdown comes first, as the original writes for nothing else; netplan before
 * those that it drives; then what the image starts. systemd-networkd comes with systemd and is started by us if it is all
 * there is. An image with none of them gets what the original gives it.
 */
export function chooseRenderer(software: NetworkSoftware, requested: RequestedRenderer): RendererChoice {
  if (requested === "auto") return chooseByImage(software);
  const warning = findObstacle(requested, software);
  return { renderer: requested, ...(warning === undefined ? {} : { warning }) };
}

function chooseByImage({ ifupdown, netplan, networkd, networkManager }: NetworkSoftware): RendererChoice {
  if (ifupdown) return { renderer: "ifupdown" };
  if (netplan) return { renderer: "netplan" };
  if (networkManager === "enabled") return { renderer: "networkmanager" };
  if (networkd === "enabled" || networkd === "disabled") return { renderer: "networkd" };
  return {
    renderer: "ifupdown",
    warning:
      "the image has no software for its network: ifupdown, netplan, NetworkManager or systemd-networkd",
  };
}

function findObstacle(requested: RendererName, software: NetworkSoftware): string | undefined {
  switch (requested) {
    case "ifupdown":
      return software.ifupdown ? undefined : "the image has no ifupdown";
    case "netplan":
      return software.netplan ? undefined : "the image has no netplan";
    case "networkmanager":
      return software.networkManager === "enabled"
        ? undefined
        : `NetworkManager is ${software.networkManager} in the image`;
    case "networkd":
      return software.networkd === "enabled" || software.networkd === "disabled"
        ? undefined
        : `systemd-networkd is ${software.networkd} in the image`;
  }
}
