import type { ChildProcess } from "node:child_process";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";

import { ChildProcesses } from "./child-processes.ts";
import { Machine, type MachineOptions } from "./machine.ts";

const PREFIX = "installer-lab-";
/** The name of a lab says which process made it. */
const LAB_NAME = new RegExp(`^${PREFIX}(\\d+)-`);
const BRIDGE = "br0";

/** The addresses of a lab: fixed, since each lab has a network namespace of its own. */
export const LAB_NETWORK = {
  server: "192.168.77.1",
  client: "192.168.77.10",
  netmask: "255.255.255.0",
  prefixLength: 24,
  prefix6: "fd77::",
  clientMac: "52:54:00:77:00:10",
  clientHostname: "newborn",
} as const;

export interface LabOptions {
  /** Holds vmlinuz and initrd.img (scripts/build-initramfs). */
  readonly netbootDirectory: string;
  /** Further files of the TFTP server: config.json, imagename, storage-layout.json … */
  readonly tftpFiles?: Readonly<Record<string, string | Uint8Array>>;
  /** Added to the kernel command line. */
  readonly kernelArguments?: string;
}

/**
 * A network of one server and one machine to be installed, in a network namespace of its own: DHCP, TFTP and HTTP as a
 * bare machine needs them to boot. Everything is removed when it is disposed of, when this process exits, and, after a
 * crash, when the next lab is made.
 */
export class Lab implements AsyncDisposable {
  /** Scratch space of this lab: console log, disks, sockets. */
  readonly directory: string;
  readonly namespace: string;
  readonly #children = new ChildProcesses();
  readonly #removeNow = () => this.#remove();
  #relays = 0;
  #machines = 0;

  private constructor(directory: string) {
    this.directory = directory;
    this.namespace = path.basename(directory);
    process.once("exit", this.#removeNow);
  }

  static async create(options: LabOptions): Promise<Lab> {
    removeStaleLabs();
    const lab = new Lab(mkdtempSync(path.join(tmpdir(), `${PREFIX}${process.pid}-`)));
    try {
      lab.#makeNetwork();
      lab.#writeBootFiles(options);
      await lab.#startServers();
      return lab;
    } catch (error) {
      await lab[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Starts a program inside the lab's network; it ends with the lab. */
  spawn(program: string, args: readonly string[], logFile: string): ChildProcess {
    const child = this.#children.spawn("ip", ["netns", "exec", this.namespace, program, ...args], {
      stdio: ["pipe", "pipe", "pipe"],
    });
    let log = "";
    const record = (chunk: Buffer) => {
      log += chunk.toString();
      writeFileSync(path.join(this.directory, logFile), log);
    };
    child.stdout?.on("data", record);
    child.stderr?.on("data", record);
    return child;
  }

  /** Switches a virtual machine on; the one before must be off. Disks that exist from an earlier start keep their content. */
  startMachine(options: MachineOptions = {}): Promise<Machine> {
    return Machine.start(
      {
        directory: this.directory,
        name: `machine${++this.#machines}`,
        macAddress: LAB_NETWORK.clientMac,
        tap: "tap0",
        spawn: (program, args) =>
          this.#children.spawn("ip", ["netns", "exec", this.namespace, program, ...args], {
            stdio: ["pipe", "pipe", "pipe"],
          }),
      },
      options,
    );
  }

  /** A UNIX socket that leads to `port` of `host` inside the lab. */
  async relay(host: string, port: number): Promise<string> {
    const socketPath = path.join(this.directory, `relay-${this.#relays++}`);
    const script = path.join(import.meta.dirname, "relay.ts");
    const child = this.#children.spawn(
      "ip",
      ["netns", "exec", this.namespace, process.execPath, script, socketPath, host, String(port)],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    if (child.stdout !== null) await once(child.stdout, "data");
    return socketPath;
  }

  #makeNetwork(): void {
    command("ip", "netns", "add", this.namespace);
    const inside = (...args: readonly string[]) => command("ip", "-n", this.namespace, ...args);
    inside("link", "set", "lo", "up");
    inside("link", "add", BRIDGE, "type", "bridge", "stp_state", "0", "forward_delay", "0");
    inside("address", "add", `${LAB_NETWORK.server}/${LAB_NETWORK.prefixLength}`, "dev", BRIDGE);
    inside("address", "add", `${LAB_NETWORK.prefix6}1/64`, "dev", BRIDGE, "nodad");
    inside("tuntap", "add", "tap0", "mode", "tap");
    inside("link", "set", "tap0", "master", BRIDGE, "up");
    inside("link", "set", BRIDGE, "up");
  }

  #writeBootFiles(options: LabOptions): void {
    const root = path.join(this.directory, "tftp");
    mkdirSync(root);
    for (const name of ["vmlinuz", "initrd.img"]) {
      copyFileSync(path.join(options.netbootDirectory, name), path.join(root, name));
    }
    for (const [name, content] of Object.entries(options.tftpFiles ?? {})) {
      writeFileSync(path.join(root, name), content);
    }
    writeFileSync(path.join(root, "boot.ipxe"), renderBootScript(options.kernelArguments ?? ""));
  }

  async #startServers(): Promise<void> {
    const root = path.join(this.directory, "tftp");
    const dnsmasq = this.spawn("dnsmasq", dnsmasqArguments(root, this.directory), "dnsmasq.log");
    const httpd = this.spawn(
      "busybox",
      ["httpd", "-f", "-p", `${LAB_NETWORK.server}:80`, "-h", root],
      "httpd.log",
    );
    await new Promise<void>((resolve, reject) => {
      dnsmasq.stderr?.on("data", (chunk: Buffer) => {
        if (chunk.includes("DHCP, IP range")) resolve();
      });
      dnsmasq.on("exit", (code) => reject(new Error(`dnsmasq ended with exit code ${String(code)}`)));
      httpd.on("exit", (code) =>
        reject(new Error(`the boot file server ended with exit code ${String(code)}`)),
      );
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#children.stop();
    this.#remove();
    process.removeListener("exit", this.#removeNow);
  }

  #remove(): void {
    this.#children.killNow();
    removeLab(this.namespace);
  }
}

/** `GET path` from `socketPath` (see Lab.relay); rejects unless the status is 200. */
export function httpGet(socketPath: string, urlPath: string, timeoutMs = 5000): Promise<string> {
  return new Promise((resolve, reject) => {
    const call = request({ socketPath, path: urlPath, timeout: timeoutMs, agent: false }, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (text: string) => {
        body += text;
      });
      response.on("error", reject);
      response.on("end", () =>
        response.statusCode === 200 ? resolve(body) : reject(new Error(`${urlPath}: ${response.statusCode}`)),
      );
    });
    call.on("timeout", () => call.destroy(new Error(`${urlPath}: no answer within ${timeoutMs} ms`)));
    call.on("error", reject);
    call.end();
  });
}

/** HTTP rather than TFTP for the large files: an iPXE without window sizes needs a round trip for each block. */
function renderBootScript(kernelArguments: string): string {
  const server = `http://${LAB_NETWORK.server}`;
  return `#!ipxe
kernel ${server}/vmlinuz initrd=initrd.img console=tty0 console=ttyS0,115200n8 ${kernelArguments}
initrd --name initrd.img ${server}/initrd.img
boot
`;
}

function dnsmasqArguments(root: string, directory: string): readonly string[] {
  const { client, clientMac, clientHostname, netmask, server } = LAB_NETWORK;
  return [
    "--keep-in-foreground",
    "--conf-file=/dev/null",
    "--log-facility=-",
    "--user=root",
    "--port=0",
    `--interface=${BRIDGE}`,
    "--bind-interfaces",
    `--dhcp-leasefile=${path.join(directory, "leases")}`,
    `--pid-file=${path.join(directory, "dnsmasq.pid")}`,
    "--dhcp-authoritative",
    "--no-ping",
    `--dhcp-range=${client},${client},${netmask},1h`,
    `--dhcp-host=${clientMac},${client},${clientHostname}`,
    `--dhcp-option=option:router,${server}`,
    `--dhcp-option=option:dns-server,${server}`,
    "--dhcp-option=option:domain-name,lab.example",
    "--dhcp-boot=boot.ipxe",
    // iPXE would otherwise wait for a proxy DHCP server (3 s) and for an IPv6 router (14 s).
    "--dhcp-option=encap:175,176,1b",
    "--enable-ra",
    `--dhcp-range=${LAB_NETWORK.prefix6},ra-only,64`,
    "--enable-tftp",
    `--tftp-root=${root}`,
  ];
}

/** Labs whose process is gone: it was killed before it could clean up. */
function removeStaleLabs(): void {
  for (const name of new Set([...namesIn("/run/netns"), ...namesIn(tmpdir())])) {
    const pid = LAB_NAME.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) removeLab(name);
  }
}

function removeLab(name: string): void {
  if (namesIn("/run/netns").includes(name)) {
    // Whatever still runs inside was started for this lab: nobody else knows the name.
    for (const pid of command("ip", "netns", "pids", name).split("\n").filter(Boolean))
      killIfAlive(Number(pid));
    command("ip", "netns", "delete", name);
  }
  rmSync(path.join(tmpdir(), name), { recursive: true, force: true });
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function isAlive(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8") !== "";
  } catch {
    return false;
  }
}

function killIfAlive(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended by itself meanwhile.
  }
}

function command(program: string, ...args: readonly string[]): string {
  const result = spawnSync(program, args, { encoding: "utf8" });
  if (result.error !== undefined) throw new Error(`starting ${program}`, { cause: result.error });
  if (result.status !== 0) throw new Error(`${[program, ...args].join(" ")}: ${result.stderr.trim()}`);
  return result.stdout;
}
