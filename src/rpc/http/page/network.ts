import type { InterfaceFacts } from "../../../engine/facts.ts";
import type { Snapshot } from "../../../engine/snapshot.ts";
import { escapeHtml } from "./escape-html.ts";
import { formatSpeed } from "./format.ts";
import { portIcon } from "./icons.ts";

/** The interfaces as a picture: the machine, a line to each, and what is at its end. */
export function renderNetwork({ hostname, interfaces }: Snapshot): string {
  const boxes = interfaces.map(renderInterface).join("\n");
  const picture =
    boxes === ""
      ? "<p>No interface is known.</p>"
      : `<p class="network-host">${escapeHtml(hostname)}</p><ul class="network">${boxes}</ul>`;
  return `<h2>Network</h2>\n${picture}`;
}

function renderInterface(facts: InterfaceFacts): string {
  const { name, macAddress, mtu, addresses, isPhysical } = facts;
  const details = [isPhysical ? "" : "virtual", macAddress, mtu > 0 && mtu !== 1500 ? `MTU ${mtu}` : ""];
  const addressList = addresses.map((address) => `<li>${escapeHtml(address)}</li>`).join("");
  return `<li class="interface ${linkClass(facts)}"><div>${portIcon()}<h3>${escapeHtml(name)}</h3> <span class="link">${describeLink(facts)}</span>
<small>${escapeHtml(details.filter((text) => text !== "").join(" · "))}</small>
<ul class="addresses">${addressList === "" ? '<li class="none">no address</li>' : addressList}</ul></div></li>`;
}

function linkClass({ isUp, hasCarrier }: InterfaceFacts): string {
  if (hasCarrier) return "carrier";
  return isUp ? "no-carrier" : "down";
}

function describeLink({ isUp, hasCarrier, speedBps }: InterfaceFacts): string {
  if (!isUp) return "switched off";
  if (!hasCarrier) return "no link: cable or switch port?";
  const speed = formatSpeed(speedBps);
  return speed === "" ? "link up" : `link up, ${speed}`;
}
