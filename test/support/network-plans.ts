import type { MachineNetwork, NetworkEntry, Subnet } from "../../src/network/model.ts";
import {
  type PresentInterface,
  planTargetNetwork,
  type TargetNetworkPlan,
} from "../../src/network/target/plan.ts";

/** A machine's network as a renderer gets it. */
export interface PlannedNetwork {
  readonly plan: TargetNetworkPlan;
  readonly interfaces: readonly PresentInterface[];
}

export function macAddress(index: number): string {
  return `de:ad:be:ef:00:0${index}`;
}

export function present(name: string, index: number, hasCarrier = true): PresentInterface {
  return { name, macAddress: macAddress(index), hasCarrier };
}

export function entry(values: Partial<NetworkEntry>): NetworkEntry {
  return { hostname: "", subnetId: "", vlanTrunk: false, ...values };
}

/** 192.168.`third`.0/24, its gateway ending in 1. */
export function subnet(id: string, third: number, values: Partial<Subnet> = {}): Subnet {
  const network = `192.168.${third}`;
  return {
    id,
    gateway: `${network}.1`,
    mask: "255.255.255.0",
    domainName: "",
    nameServers: [],
    manage: false,
    vlanId: 0,
    ...values,
  };
}

const LAB = subnet("Lab", 1, { nameServers: ["10.0.0.53"], domainName: "example.com" });
const DEV = subnet("Dev", 100, { manage: true, vlanId: 100 });
const PROD = subnet("Prod", 120, { manage: true, vlanId: 120 });
const CORE = subnet("Core", 10, { vlanId: 10, nameServers: ["192.168.10.53", "10.0.0.53"] });
const PRIMARY = entry({ ipAddress: "192.168.1.2", macAddress: macAddress(0) });

function planned(
  values: Partial<MachineNetwork>,
  ...interfaces: readonly PresentInterface[]
): PlannedNetwork {
  const network = { hostname: "h", gatewaySubnetId: "", entries: [PRIMARY], subnets: [LAB], ...values };
  return { plan: planTargetNetwork(network, interfaces), interfaces };
}

/** What a machine's network usually looks like, and each thing that a plan can hold. */
export const PLANNED_NETWORKS = {
  "single-address": planned({}, present("eth0", 0), present("eth1", 1, false)),
  "bonded-primary": planned(
    { entries: [entry({ ipAddress: "192.168.10.2" })], subnets: [CORE, DEV, PROD] },
    present("eth0", 0),
    present("eth1", 1),
  ),
  "declared-trunk": planned(
    {
      entries: [{ ...PRIMARY, vlanTrunk: true }, entry({ ipAddress: "192.168.100.5" })],
      subnets: [DEV, LAB, PROD],
    },
    present("eth0", 0),
  ),
  "secondary-entries": planned(
    {
      entries: [
        PRIMARY,
        entry({ ipAddress: "192.168.100.5", macAddress: macAddress(1) }),
        entry({ subnetId: "Prod", macAddress: macAddress(2) }),
        entry({ ipAddress: "192.168.30.5", macAddress: macAddress(3) }),
      ],
      subnets: [LAB, DEV, PROD, subnet("Storage", 30)],
      gatewaySubnetId: "Dev",
    },
    present("eth0", 0),
    present("eth1", 1),
    present("eth2", 2),
    present("eth3", 3),
  ),
  "several-name-servers": planned(
    {
      subnets: [
        {
          ...LAB,
          nameServers: ["10.0.0.53", "10.0.1.53", "2001:db8::53"],
          domainName: "a.example b.example",
        },
      ],
    },
    present("eth0", 0),
  ),
  "no-name-servers": planned({ subnets: [subnet("Lab", 1)] }, present("eth0", 0)),
} as const satisfies Readonly<Record<string, PlannedNetwork>>;
