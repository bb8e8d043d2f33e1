import { describe, expect, test } from "vitest";
import { chooseRenderer, type NetworkSoftware } from "../../../../src/network/target/choose-renderer.ts";

const NOTHING: NetworkSoftware = {
  ifupdown: false,
  netplan: false,
  networkd: "absent",
  networkManager: "absent",
};

describe("what the image contains decides", () => {
  test.each<[string, Partial<NetworkSoftware>, string]>([
    [
      "ifupdown goes before everything",
      { ifupdown: true, netplan: true, networkd: "enabled", networkManager: "enabled" },
      "ifupdown",
    ],
    [
      "netplan goes before what it drives",
      { netplan: true, networkd: "enabled", networkManager: "enabled" },
      "netplan",
    ],
    [
      "NetworkManager, when it is enabled",
      { networkManager: "enabled", networkd: "disabled" },
      "networkmanager",
    ],
    [
      "systemd-networkd, when NetworkManager is not enabled",
      { networkManager: "disabled", networkd: "enabled" },
      "networkd",
    ],
    ["systemd-networkd, when it is all there is", { networkd: "disabled" }, "networkd"],
  ])("%s", (_what, software, renderer) => {
    expect(chooseRenderer({ ...NOTHING, ...software }, "auto")).toEqual({ renderer });
  });

  test.each([
    ["without any", NOTHING],
    ["with a masked systemd-networkd only", { ...NOTHING, networkd: "masked" as const }],
  ])("%s the original's files are written, with a warning", (_what, software) => {
    expect(chooseRenderer(software, "auto")).toEqual({
      renderer: "ifupdown",
      warning:
        "the image has no software for its network: ifupdown, netplan, NetworkManager or systemd-networkd",
    });
  });
});

describe("the operator's word counts, with a warning when the image cannot follow", () => {
  test.each([
    ["ifupdown", {}, "the image has no ifupdown"],
    ["netplan", { ifupdown: true }, "the image has no netplan"],
    ["networkmanager", { networkManager: "disabled" }, "NetworkManager is disabled in the image"],
    ["networkd", { networkd: "masked" }, "systemd-networkd is masked in the image"],
    ["networkd", { ifupdown: true, networkd: "disabled" }, undefined],
    ["netplan", { ifupdown: true, netplan: true }, undefined],
    ["networkmanager", { ifupdown: true, networkManager: "enabled" }, undefined],
    ["ifupdown", { ifupdown: true }, undefined],
  ] as const)("%s with %o", (renderer, software, warning) => {
    expect(chooseRenderer({ ...NOTHING, ...software }, renderer)).toEqual(
      warning === undefined ? { renderer } : { renderer, warning },
    );
  });
});
