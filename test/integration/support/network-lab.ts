import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { MachineRequest } from "./machine-request.ts";
import { awaitReady, type Readiness } from "./readiness.ts";

const run = promisify(execFile);
const NODE = join(process.cwd(), "node_modules/.bin/node");
/** Gives a machine an /etc ($0) and a /var/log of its own: `ip netns exec` has given it its own mounts already. */
const OWN_DIRECTORIES = 'mount --bind "$0" /etc; mount -t tmpfs none /var/log; exec "$@"';

let labs = 0;

/**
 * Two network namespaces, `server` and `client`, joined by pairs of virtual Ethernet interfaces: `s0`-`c0`, `s1`-`c1` …
 * Only the server's ends have addresses (10.55.N.1/24). Disposing removes everything and ends every process started here.
 */
export class NetworkLab implements AsyncDisposable {
  readonly server: string;
  readonly client: string;
  readonly directory: string;
  readonly #name: string;
  readonly #stations: string[] = [];
  readonly #children: ChildProcess[] = [];

  private constructor(name: string, directory: string) {
    this.#name = name;
    this.server = `${name}s`;
    this.client = `${name}c`;
    this.directory = directory;
  }

  static async create(pairs: number): Promise<NetworkLab> {
    labs += 1;
    const name = `lab${process.pid}-${labs}`;
    const directory = await mkdtemp(join(tmpdir(), "network-lab-"));
    const lab = new NetworkLab(name, directory);
    await run("ip", ["netns", "add", lab.server]);
    await run("ip", ["netns", "add", lab.client]);
    for (let index = 0; index < pairs; index++) {
      const ends = ["s", "c"].map((side) => `${side}${index}`);
      const [serverEnd = "", clientEnd = ""] = ends;
      const peer = ["peer", "name", clientEnd, "netns", lab.client];
      await run("ip", ["-n", lab.server, "link", "add", serverEnd, "type", "veth", ...peer]);
      await run("ip", ["-n", lab.server, "addr", "add", `10.55.${index}.1/24`, "dev", serverEnd]);
      await run("ip", ["-n", lab.server, "link", "set", serverEnd, "up"]);
    }
    await run("ip", ["-n", lab.server, "link", "set", "lo", "up"]);
    return lab;
  }

  /** Gives the client's interface an address, for tests that are not about DHCP. */
  async setClientAddress(index = 0): Promise<void> {
    await run("ip", ["-n", this.client, "addr", "add", `10.55.${index}.2/24`, "dev", `c${index}`]);
    await run("ip", ["-n", this.client, "link", "set", `c${index}`, "up"]);
  }

  /**
   * Makes `sN` a port of a switch, the bridge `bN`, which gets the server's address: what happens to the cable of the
   * client no longer happens to the server. With a delay the port runs the spanning tree protocol and forwards nothing
   * for twice that long (IEEE 802.1D: listening, learning).
   */
  async addSwitch(index: number, forwardDelaySeconds = 0): Promise<void> {
    const [bridge, port, address] = [`b${index}`, `s${index}`, `10.55.${index}.1/24`];
    const delay = ["stp_state", "1", "forward_delay", String(forwardDelaySeconds * 100)];
    const options = forwardDelaySeconds > 0 ? delay : [];
    await this.onServer("ip", "link", "add", bridge, "type", "bridge", ...options);
    await this.onServer("ip", "addr", "del", address, "dev", port);
    await this.onServer("ip", "addr", "add", address, "dev", bridge);
    await this.onServer("ip", "link", "set", bridge, "up");
    await this.onServer("ip", "link", "set", port, "master", bridge);
  }

  /** Adds another machine to the switch `bN`, in a namespace whose name is the result; its interface is `e0`. */
  async addStation(index: number, address: string): Promise<string> {
    const namespace = `${this.#name}x${this.#stations.length}`;
    const port = `x${this.#stations.length}`;
    await run("ip", ["netns", "add", namespace]);
    this.#stations.push(namespace);
    await this.onServer("ip", "link", "add", port, "type", "veth", "peer", "name", "e0", "netns", namespace);
    await this.onServer("ip", "link", "set", port, "master", `b${index}`, "up");
    await run("ip", ["-n", namespace, "addr", "add", address, "dev", "e0"]);
    await run("ip", ["-n", namespace, "link", "set", "e0", "up"]);
    // For what sends to everybody by the routing table.
    await run("ip", ["-n", namespace, "route", "add", "255.255.255.255", "dev", "e0"]);
    return namespace;
  }

  /** Bytes that the server's end has sent to the client. */
  async bytesToClient(index = 0): Promise<number> {
    return Number(await this.onServer("cat", `/sys/class/net/s${index}/statistics/tx_bytes`));
  }

  /** Runs a program in the server's namespace and waits for its end. */
  async onServer(program: string, ...args: readonly string[]): Promise<string> {
    return (await run("ip", ["netns", "exec", this.server, program, ...args])).stdout;
  }

  async onClient(program: string, ...args: readonly string[]): Promise<string> {
    return (await run("ip", ["netns", "exec", this.client, program, ...args])).stdout;
  }

  /** Starts dnsmasq on the server and waits until it serves. */
  async startDnsmasq(...options: readonly string[]): Promise<void> {
    await this.startDnsmasqIn(this.server, ...options);
  }

  async startDnsmasqIn(namespace: string, ...options: readonly string[]): Promise<void> {
    const own = join(this.directory, `dnsmasq-${this.#children.length}`);
    await mkdir(own);
    const configuration = join(own, "empty.conf");
    await writeFile(configuration, "");
    const leaseFile = this.#children.length === 0 ? join(this.directory, "leases") : join(own, "leases");
    const command = [
      "dnsmasq",
      "--no-daemon",
      "--user=root",
      "--port=0",
      "--no-resolv",
      "--no-ping",
      "--log-dhcp",
      `--conf-file=${configuration}`,
      `--dhcp-leasefile=${leaseFile}`,
      `--pid-file=${join(own, "pid")}`,
      ...options,
    ];
    await this.startProgram(command, { text: "dnsmasq: started" }, namespace);
  }

  /** Starts a script of test/integration/support on the server; it says `ready` when it serves. */
  async startScript(script: string, ...args: readonly string[]): Promise<void> {
    await this.startScriptIn(this.server, script, ...args);
  }

  async startScriptIn(namespace: string, script: string, ...args: readonly string[]): Promise<void> {
    const command = [NODE, join(import.meta.dirname, script), ...args];
    await this.startProgram(command, { text: "ready" }, namespace);
  }

  /** Runs a script of test/integration/support in the client's namespace; its result is the JSON that it prints. */
  async runClient(script: string, request: unknown): Promise<ClientResult> {
    const args = [NODE, join(import.meta.dirname, script), JSON.stringify(request)];
    return parseResult(await run("ip", ["netns", "exec", this.client, ...args], { maxBuffer: 1e8 }));
  }

  /**
   * Runs the steps of an installation that end with a configuration, as they are, on the client: with an /etc, a
   * /var/log and a host name of its own.
   */
  async runMachine(request: Omit<MachineRequest, "tftpDirectory">): Promise<ClientResult> {
    const etc = join(this.directory, "etc");
    await mkdir(etc);
    const whole: MachineRequest = { ...request, tftpDirectory: join(this.directory, "tftpdata") };
    const script = join(import.meta.dirname, "machine-client.ts");
    const client = ["netns", "exec", this.client, "unshare", "--uts", "sh", "-ec", OWN_DIRECTORIES, etc];
    const args = [...client, NODE, script, JSON.stringify(whole)];
    return parseResult(await run("ip", args, { maxBuffer: 1e8 }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#children) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const exit = once(child, "exit");
      child.kill("SIGKILL");
      await exit;
    }
    for (const namespace of [this.server, this.client, ...this.#stations]) {
      // Servers fork: whatever runs in a namespace of ours was started by ours.
      for (const pid of (await run("ip", ["netns", "pids", namespace])).stdout.split("\n"))
        if (pid !== "") await run("kill", ["-9", pid]).catch(() => undefined);
      await run("ip", ["netns", "del", namespace]);
    }
    await rm(this.directory, { recursive: true });
  }

  /** Starts a program that goes on until the lab ends, and waits until it is ready. */
  async startProgram(
    command: readonly string[],
    readiness: Readiness,
    namespace: string = this.server,
  ): Promise<void> {
    const child = spawn("ip", ["netns", "exec", namespace, ...command], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#children.push(child);
    await awaitReady(child, command, readiness);
  }
}

function parseResult({ stdout }: { readonly stdout: string }): ClientResult {
  return JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as ClientResult;
}

/** What a client script prints: a value, or the code and text of an error, and its log lines. */
export interface ClientResult {
  readonly value?: Readonly<Record<string, unknown>>;
  readonly code?: string;
  readonly message?: string;
  readonly log?: readonly string[];
  readonly durationMs: number;
  /** The most memory that the client's process had (ru_maxrss of getrusage(2)). */
  readonly peakBytes: number;
}
