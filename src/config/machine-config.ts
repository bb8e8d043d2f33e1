import { z } from "zod";
import type { MachineNetwork, NetworkEntry, Subnet } from "../network/model.ts";
import { type CheckedFile, checkFile, mapValue } from "./check-file.ts";
import { type Decoded, requireValue } from "./decode.ts";
import { ignored, ipAddress, lineText, macAddress, subnetMask, unsigned } from "./fields.ts";

const networkEntryKeys = {
  Hostname: lineText
    .default("")
    .describe("Name of the machine; what stands before the first dot is its host name."),
  HostIpAddress: ipAddress.optional().describe("Static address; it must lie in one of the Subnets."),
  HostMacAddress: macAddress
    .optional()
    .describe("Hardware address of the interface that the entry is about."),
  SubnetId: lineText
    .default("")
    .describe("Of an entry without address: the managed subnet that the interface gets a bridge into."),
  VlanTrunk: z
    .boolean()
    .default(false)
    .describe("The interface carries tagged VLANs beside its own address."),
};

const networkEntry = z.object(networkEntryKeys);

const machine = z.object({
  ...networkEntryKeys,
  ArchitectureType: z
    .enum(["auto", "amd64", "arm64"], {
      error: (issue) => `unknown ArchitectureType: ${String(issue.input)}`,
    })
    .optional()
    .describe("Not used by the installer."),
  MemoryInMiB: ignored.count,
  TotalVolumeBytes: ignored.count,
  NumCPUs: ignored.count,
  GatewaySubnetId: lineText
    .default("")
    .describe("Subnet that gives default route and name servers; else the one of HostIpAddress."),
  IPMI: networkEntry.optional().describe("Not used by the installer."),
  Location: ignored.text,
  OwnerGroups: ignored.texts,
  OwnerUsers: ignored.texts,
  SecondaryNetworkEntries: z.array(networkEntry).default([]).describe("Further addresses and bridges."),
  Tags: ignored.textMap,
});

const subnet = z.object({
  Id: lineText.default("").describe("Name that GatewaySubnetId and SubnetId refer to."),
  IpGateway: ipAddress
    .optional()
    .describe("Router; with IpMask it says which addresses lie in the subnet. Without it none do."),
  IpMask: subnetMask
    .optional()
    .describe("Dotted, such as 255.255.255.0. Without it no address lies in the subnet."),
  DomainName: lineText.default("").describe("For resolv.conf of the new system."),
  DomainNameServers: z.array(ipAddress).default([]).describe("For resolv.conf of the new system."),
  Manage: z.boolean().default(false).describe("Machines get a bridge into it for their virtual machines."),
  VlanId: unsigned(4094).default(0).describe("0: untagged."),
  DisableMetadata: ignored.flag,
  AllowedGroups: ignored.texts,
  AllowedUsers: ignored.texts,
  FirstDynamicIP: ipAddress.optional().describe("Not used by the installer."),
  LastDynamicIP: ipAddress.optional().describe("Not used by the installer."),
  Tags: ignored.textMap,
});

/** config.json (message `GetMachineInfoResponse`, spec/configuration.md section 8). */
export const machineConfigSchema = z.object({
  $schema: ignored.schema,
  Error: ignored.text,
  Location: ignored.text,
  Machine: machine.prefault({}).describe("The machine and its primary network entry."),
  Subnets: z.array(subnet).default([]).describe("The networks that the machine may be in."),
});

/** config.json: the machine and the subnets it may be in; `file` names the source in messages. */
export function checkMachineConfig(file: string, text: string): CheckedFile<MachineNetwork> {
  return mapValue(checkFile(file, text, machineConfigSchema), toMachineNetwork);
}

/** As checkMachineConfig. Throws E_CONFIG_SYNTAX or E_CONFIG_VALUE. */
export function parseMachineConfig(file: string, text: string): Decoded<MachineNetwork> {
  return requireValue(checkMachineConfig(file, text));
}

function toMachineNetwork({ Machine, Subnets }: z.output<typeof machineConfigSchema>): MachineNetwork {
  return {
    hostname: Machine.Hostname,
    gatewaySubnetId: Machine.GatewaySubnetId,
    entries: [Machine, ...Machine.SecondaryNetworkEntries].map(toNetworkEntry),
    subnets: Subnets.map(toSubnet),
  };
}

function toNetworkEntry(entry: z.output<typeof networkEntry>): NetworkEntry {
  return {
    hostname: entry.Hostname,
    ...(entry.HostIpAddress === undefined ? {} : { ipAddress: entry.HostIpAddress }),
    ...(entry.HostMacAddress === undefined ? {} : { macAddress: entry.HostMacAddress }),
    subnetId: entry.SubnetId,
    vlanTrunk: entry.VlanTrunk,
  };
}

function toSubnet(decoded: z.output<typeof subnet>): Subnet {
  return {
    id: decoded.Id,
    ...(decoded.IpGateway === undefined ? {} : { gateway: decoded.IpGateway }),
    ...(decoded.IpMask === undefined ? {} : { mask: decoded.IpMask }),
    domainName: decoded.DomainName,
    nameServers: decoded.DomainNameServers.filter((address) => address !== undefined),
    manage: decoded.Manage,
    vlanId: decoded.VlanId,
  };
}
