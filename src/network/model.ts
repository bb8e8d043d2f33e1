/** One network identity of the machine (`NetworkEntry` of spec/configuration.md section 8). */
export interface NetworkEntry {
  readonly hostname: string;
  readonly ipAddress?: string;
  /** Lower case, two digits a group, colons. */
  readonly macAddress?: string;
  readonly subnetId: string;
  /** The interface carries tagged VLANs beside its own address. */
  readonly vlanTrunk: boolean;
}

export interface Subnet {
  readonly id: string;
  readonly gateway?: string;
  /** Dotted, contiguous. A subnet without one contains no address. */
  readonly mask?: string;
  readonly domainName: string;
  readonly nameServers: readonly string[];
  /** Machines get a bridge into this subnet for their virtual machines. */
  readonly manage: boolean;
  /** 0: untagged. */
  readonly vlanId: number;
}

/** What the fleet's inventory says about the machine's place in the network. */
export interface MachineNetwork {
  readonly hostname: string;
  /** Id of the subnet for default route and name servers; "": that of the primary address. */
  readonly gatewaySubnetId: string;
  /** The machine's own entry first. */
  readonly entries: readonly NetworkEntry[];
  readonly subnets: readonly Subnet[];
}
