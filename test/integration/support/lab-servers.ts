import { execFile } from "node:child_process";
import { access, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { NetworkLab } from "./network-lab.ts";

const run = promisify(execFile);
const ROOT = process.cwd();
const SERVERS = join(ROOT, ".cache/lab-servers");
const DEBIAN = join(SERVERS, "debian");
const BUSYBOX = join(SERVERS, "busybox");
const LIBRARIES = `LD_LIBRARY_PATH=${DEBIAN}/usr/lib/x86_64-linux-gnu:${DEBIAN}/lib/x86_64-linux-gnu`;

/** Makes the servers that are not installed (scripts/build-lab-servers); quick when they were made before. */
export async function prepareLabServers(): Promise<void> {
  await run(join(ROOT, "scripts/build-lab-servers"), []);
  await access(join(BUSYBOX, "tftpd"));
}

/** Starts a server on `s0` of the lab. */
type Start = (lab: NetworkLab) => Promise<void>;
/** Starts a server of the files in a directory on port 69 of the lab. */
type StartTftp = (lab: NetworkLab, root: string) => Promise<void>;

const FIRST = "10.55.0.100";
const LAST = "10.55.0.110";
const SERVER = "10.55.0.1";

/** DHCP servers that give the client an address of 10.55.0.0/24 and name 10.55.0.1 as next server (siaddr). */
export const DHCP_SERVERS: Readonly<Record<string, Start>> = {
  dnsmasq: (lab) =>
    lab.startDnsmasq(
      `--dhcp-range=${FIRST},${LAST},255.255.255.0,1h`,
      "--dhcp-option=6,10.55.0.53",
      "--dhcp-option=15,lab.example.com",
      `--dhcp-boot=pxelinux.0,,${SERVER}`,
    ),
  udhcpd: async (lab) => {
    const at = (name: string): string => join(lab.directory, name);
    const lines = [
      `start ${FIRST}`,
      `end ${LAST}`,
      "interface s0",
      `lease_file ${at("udhcpd.leases")}`,
      `pidfile ${at("udhcpd.pid")}`,
      `siaddr ${SERVER}`,
      "boot_file pxelinux.0",
      "option subnet 255.255.255.0",
      `option router ${SERVER}`,
      "option dns 10.55.0.53",
      "option domain lab.example.com",
      "option lease 3600",
    ];
    await writeFile(at("udhcpd.leases"), "");
    await writeFile(at("udhcpd.conf"), `${lines.join("\n")}\n`);
    const command = [join(DEBIAN, "bin/busybox"), "udhcpd", "-f", at("udhcpd.conf")];
    await lab.startProgram(command, { udpPort: 67 });
  },
  "npm dhcp": async (lab) => {
    // It sends to 255.255.255.255 by the routing table.
    await lab.onServer("ip", "route", "add", "255.255.255.255", "dev", "s0");
    await lab.startScript("npm-dhcp-server.ts");
  },
};

/** TFTP servers, each with its own idea of options, time-outs and ports. */
export const TFTP_SERVERS: Readonly<Record<string, StartTftp>> = {
  "tftpd-hpa": (lab, root) =>
    lab.startProgram(
      [
        "env",
        LIBRARIES,
        join(DEBIAN, "usr/sbin/in.tftpd"),
        "--foreground",
        "--user",
        "root",
        "--address",
        "0.0.0.0:69",
        "--secure",
        root,
      ],
      { udpPort: 69 },
    ),
  dnsmasq: (lab, root) => lab.startDnsmasq("--enable-tftp", `--tftp-root=${root}`),
  busybox: (lab, root) =>
    lab.startProgram(
      [join(BUSYBOX, "udpsvd"), "-c", "100", "0.0.0.0", "69", join(BUSYBOX, "tftpd"), "-r", root],
      { udpPort: 69 },
    ),
  atftpd: (lab, root) =>
    lab.startProgram(
      [
        "env",
        LIBRARIES,
        join(DEBIAN, "usr/sbin/atftpd"),
        "--daemon",
        "--no-fork",
        "--user",
        "root",
        "--group",
        "root",
        "--bind-address",
        "0.0.0.0",
        "--port",
        "69",
        "--logfile",
        "-",
        root,
      ],
      { udpPort: 69 },
    ),
};
