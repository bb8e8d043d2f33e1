import { addTag, formatMac, splitTag } from "./vlan-switch-frames.ts";

export interface SwitchPort {
  readonly name: string;
  /** The VLAN of frames without a tag, in both directions. */
  readonly untaggedVlanId: number;
  /** Carries all other VLANs tagged; the other ports are in one VLAN only. */
  readonly isTrunk: boolean;
}

export interface OutgoingFrame {
  readonly port: SwitchPort;
  readonly frame: Buffer;
}

const SOURCE_OFFSET = 6;
/** Addresses that no bridge forwards, 01:80:c2:00:00:00 to 0f (IEEE 802.1Q table 8-1): spanning tree, LACP, LLDP. */
const LINK_LOCAL = /^01:80:c2:00:00:0/;

/** A switch that knows VLANs and learns where addresses are; it does not speak LACP or spanning tree. */
export class SwitchTable {
  readonly #ports: readonly SwitchPort[];
  readonly #onLearn: (text: string) => void;
  readonly #places = new Map<string, SwitchPort>();

  /** `onLearn` is told `VLAN 7: 52:54:00:77:00:11 is at eth1` whenever that is news. */
  constructor(ports: readonly SwitchPort[], onLearn: (text: string) => void) {
    this.#ports = ports;
    this.#onLearn = onLearn;
  }

  /** Where a frame that came in at `from` goes, and how it looks there. */
  forward(from: SwitchPort, frame: Buffer): readonly OutgoingFrame[] {
    const split = splitTag(frame);
    if (split === undefined || (split.vlanId !== 0 && !from.isTrunk)) return [];
    const { untagged } = split;
    const vlanId = split.vlanId === 0 ? from.untaggedVlanId : split.vlanId;
    const destination = formatMac(untagged, 0);
    if (LINK_LOCAL.test(destination)) return [];
    this.#learn(`VLAN ${vlanId}: ${formatMac(untagged, SOURCE_OFFSET)}`, from);
    // Group addresses are never learnt, so that they go everywhere.
    const place = this.#places.get(`VLAN ${vlanId}: ${destination}`);
    return (place === undefined ? this.#ports : [place])
      .filter((port) => port !== from && (port.isTrunk || port.untaggedVlanId === vlanId))
      .map((port) => ({
        port,
        frame: port.untaggedVlanId === vlanId ? untagged : addTag(untagged, vlanId),
      }));
  }

  #learn(address: string, port: SwitchPort): void {
    if (this.#places.get(address) === port) return;
    this.#places.set(address, port);
    this.#onLearn(`${address} is at ${port.name}`);
  }
}
