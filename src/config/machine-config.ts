import { z } from "zod";
import type { MachineNetwork, NetworkEntry, Subnet } from "../network/model.ts";
import { type Decoded, decode } from "./decode.ts";
import { ignored, ipAddress, lineText, macAddress, subnetMask, unsigned } from "./fields.ts";
import { parseJsonSource } from "./json-source.ts";

const networkEntryKeys = {
  hostname: lineText.default(""),
  hostipaddress: ipAddress.optional(),
  hostmacaddress: macAddress.optional(),
  subnetid: lineText.default(""),
  vlantrunk: z.boolean().default(false),
};

const networkEntry = z.strictObject(networkEntryKeys);

const machine = z.strictObject({
  ...networkEntryKeys,
  architecturetype: z
    .enum(["auto", "amd64", "arm64"], {
      error: (issue) => `unknown ArchitectureType: ${String(issue.input)}`,
    })
    .optional(),
  memoryinmib: ignored.count,
  totalvolumebytes: ignored.count,
  numcpus: ignored.count,
  gatewaysubnetid: lineText.default(""),
  ipmi: networkEntry.optional(),
  location: ignored.text,
  ownergroups: ignored.texts,
  ownerusers: ignored.texts,
  secondarynetworkentries: z.array(networkEntry).default([]),
  tags: ignored.textMap,
});

const subnet = z.strictObject({
  id: lineText.default(""),
  ipgateway: ipAddress.optional(),
  ipmask: subnetMask.optional(),
  domainname: lineText.default(""),
  domainnameservers: z.array(ipAddress).default([]),
  manage: z.boolean().default(false),
  vlanid: unsigned(4094).default(0),
  disablemetadata: ignored.flag,
  allowedgroups: ignored.texts,
  allowedusers: ignored.texts,
  firstdynamicip: ipAddress.optional(),
  lastdynamicip: ipAddress.optional(),
  tags: ignored.textMap,
});

/** config.json (message `GetMachineInfoResponse`); keys in lower case, as `decode` wants them. */
const machineConfig = z.strictObject({
  error: ignored.text,
  location: ignored.text,
  machine: machine.prefault({}),
  subnets: z.array(subnet).default([]),
});

/**
 * config.json: the machine and the subnets it may be in (spec/configuration.md section 8). Throws E_CONFIG_SYNTAX or
 * E_CONFIG_VALUE; `file` names the source in messages.
 */
export function parseMachineConfig(file: string, text: string): Decoded<MachineNetwork> {
  const { value, warnings } = decode(parseJsonSource(file, text), machineConfig);
  const { machine: decoded, subnets } = value;
  return {
    value: {
      hostname: decoded.hostname,
      gatewaySubnetId: decoded.gatewaysubnetid,
      entries: [decoded, ...decoded.secondarynetworkentries].map(toNetworkEntry),
      subnets: subnets.map(toSubnet),
    },
    warnings,
  };
}

function toNetworkEntry(entry: z.output<typeof networkEntry>): NetworkEntry {
  return {
    hostname: entry.hostname,
    ...(entry.hostipaddress === undefined ? {} : { ipAddress: entry.hostipaddress }),
    ...(entry.hostmacaddress === undefined ? {} : { macAddress: entry.hostmacaddress }),
    subnetId: entry.subnetid,
    vlanTrunk: entry.vlantrunk,
  };
}

function toSubnet(decoded: z.output<typeof subnet>): Subnet {
  return {
    id: decoded.id,
    ...(decoded.ipgateway === undefined ? {} : { gateway: decoded.ipgateway }),
    ...(decoded.ipmask === undefined ? {} : { mask: decoded.ipmask }),
    domainName: decoded.domainname,
    nameServers: decoded.domainnameservers.filter((address) => address !== undefined),
    manage: decoded.manage,
    vlanId: decoded.vlanid,
  };
}
