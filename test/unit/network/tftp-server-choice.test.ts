import { expect, test } from "vitest";
import type { DhcpLease } from "../../../src/network/dhcp/lease.ts";
import { chooseTftpServer } from "../../../src/network/tftp-server-choice.ts";

const LEASE: DhcpLease = {
  interfaceName: "eth0",
  address: "10.0.0.2",
  prefixLength: 24,
  maskIsGuessed: false,
  router: "10.0.0.1",
  nameServers: [],
  routes: [],
  mtu: undefined,
  searchDomains: [],
  tftpServerAddresses: [],
  options: new Map(),
  packet: Buffer.alloc(0),
};

test.each<[string, Parameters<typeof chooseTftpServer>[0], string | undefined]>([
  ["nothing", { flag: "", kernelParameter: undefined, lease: LEASE }, undefined],
  [
    "flag first",
    { flag: "f", kernelParameter: "k", lease: { ...LEASE, nextServer: "10.0.0.9" } },
    "f from command-line",
  ],
  [
    "kernel command line second",
    { flag: "", kernelParameter: "k", lease: { ...LEASE, nextServer: "10.0.0.9" } },
    "k from kernel command-line",
  ],
  [
    "boot server of a fixed address",
    { flag: "", kernelParameter: undefined, bootServer: "10.0.0.8" },
    "10.0.0.8 from ip= of the kernel command-line",
  ],
  [
    "an empty kernel parameter is none",
    { flag: "", kernelParameter: "", lease: { ...LEASE, nextServer: "10.0.0.9" } },
    "10.0.0.9 from SIAddr",
  ],
  [
    "siaddr before option 66",
    {
      flag: "",
      kernelParameter: undefined,
      lease: { ...LEASE, nextServer: "10.0.0.9", tftpServerName: Buffer.from("t") },
    },
    "10.0.0.9 from SIAddr",
  ],
  [
    "option 150 last",
    {
      flag: "",
      kernelParameter: undefined,
      lease: { ...LEASE, tftpServerAddresses: ["10.0.0.8", "10.0.0.7"] },
    },
    "10.0.0.8 from option 150",
  ],
])("%s", (_what, sources, expected) => {
  const choice = chooseTftpServer(sources);
  expect(choice && `${choice.host} from ${choice.origin}`).toBe(expected);
});

test.each([
  ["tftp.example.com", Buffer.from("tftp.example.com")],
  ["tftp", Buffer.from("tftp\0")],
  ["10.1.2.3", Buffer.from("10.1.2.3")],
  ["2001:db8::1", Buffer.from("2001:db8::1")],
  ["10.9.9.9", Buffer.of(10, 9, 9, 9)],
  ["2001:db8::1", Buffer.from("20010db8000000000000000000000001", "hex")],
  [undefined, Buffer.of(0, 0, 0, 0)],
  [undefined, Buffer.from("two words")],
  [undefined, Buffer.from("evil\nname")],
  [undefined, Buffer.alloc(0)],
])("option 66 gives %j", (expected, tftpServerName) => {
  const lease = { ...LEASE, tftpServerName };
  expect(chooseTftpServer({ flag: "", kernelParameter: undefined, lease })?.host).toBe(expected);
});
