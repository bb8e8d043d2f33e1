import type { ErrorCodeTable } from "./entry.ts";

/** DHCP, TFTP and interfaces. */
export const NETWORK_ERRORS = {
  E_NAME_LOOKUP: {
    kind: "network",
    meaning: "A host name could not be turned into an address.",
    hint: "check the name and the name servers in /etc/resolv.conf, or use an address",
  },
  E_DHCP_PACKET: {
    kind: "protocol",
    meaning: "A datagram on the DHCP port is not a well-formed DHCP message.",
    hint: "capture the traffic on ports 67 and 68 and look at what the server sends",
  },
  E_DHCP_ANSWER: {
    kind: "network",
    meaning: "A DHCP server answered with something that a machine cannot be installed with.",
    hint: "the server must give an address, a router (option 3) and whole name-server addresses (option 6)",
  },
  E_DHCP_FAILED: {
    kind: "network",
    meaning: "DHCP could not be tried on any interface.",
    hint: "look at the reason given for each interface; a missing driver leaves no interface at all",
  },
  E_DHCP_TIMEOUT: {
    kind: "network",
    meaning: "No DHCP server gave a usable answer in time.",
    hint: "check the cable, the switch port (spanning tree, VLAN) and that a DHCP server knows this machine",
  },
  E_TFTP_NO_SERVER: {
    kind: "network",
    meaning: "Nothing says which TFTP server has the configuration.",
    hint: "set next-server (siaddr) or option 66 in DHCP, tftpserver= on the kernel command line or -tftpServerHostname",
  },
  E_TFTP_NOT_FOUND: {
    kind: "network",
    meaning: "The TFTP server does not have the file.",
    hint: "put the file below the root directory of the TFTP server",
  },
  E_TFTP_ACCESS: {
    kind: "network",
    meaning: "The TFTP server refuses to hand out the file.",
    hint: "make the file readable for the TFTP server",
  },
  E_TFTP_SERVER: {
    kind: "network",
    meaning: "The TFTP server reported an error.",
    hint: "the server's own words are in the message",
  },
  E_TFTP_PROTOCOL: {
    kind: "protocol",
    meaning: "The TFTP server broke the protocol.",
    hint: "capture the traffic; another program may be answering in place of the server",
  },
  E_TFTP_TIMEOUT: {
    kind: "network",
    meaning: "A TFTP transfer made no progress for too long.",
    hint: "check that the server runs, that no firewall drops UDP, and that the path is not losing packets",
  },
  E_TFTP_TOO_LARGE: {
    kind: "network",
    meaning: "A file offered by TFTP is larger than the installer accepts.",
    hint: "only small files belong there; check that the name leads to the right file",
  },
  E_KERNEL_ARGUMENT: {
    kind: "config",
    meaning: "A network argument of the kernel command line is not understood or does not fit this machine.",
    hint: "correct the argument in the boot loader; the syntax is that of dracut.cmdline(7)",
  },
  E_NETWORK_NO_MATCH: {
    kind: "config",
    meaning: "No interface of this machine matches the network entries of the configuration.",
    hint: "compare the MAC addresses and subnets in config.json with the interfaces in the log",
  },
  E_NETWORK_PLAN: {
    kind: "config",
    meaning: "The network that the configuration describes cannot be built on this machine.",
    hint: "correct the network entries or subnets in config.json",
  },
  E_NETWORK_SETUP: {
    kind: "environment",
    meaning: "The kernel refused an interface, address or route.",
    hint: "the errno name in the message says why",
  },
  E_NETWORK_WRITE: {
    kind: "target",
    meaning: "The network files of the new system could not be written.",
    hint: "check the image: /etc and the directories below it on the way to the file must be directories, not links",
  },
} as const satisfies ErrorCodeTable;
