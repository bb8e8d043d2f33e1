import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const NODE = join(process.cwd(), "node_modules/.bin/node");

let labs = 0;

/**
 * Two network namespaces, `server` and `client`, joined by pairs of virtual Ethernet interfaces: `s0`-`c0`, `s1`-`c1` …
 * Only the server's ends have addresses (10.55.N.1/24). Disposing removes everything and ends every process started here.
 */
export class NetworkLab implements AsyncDisposable {
  readonly server: string;
  readonly client: string;
  readonly directory: string;
  readonly #children: ChildProcess[] = [];

  private constructor(name: string, directory: string) {
    this.server = `${name}s`;
    this.client = `${name}c`;
    this.directory = directory;
  }

  static async create(pairs: number): Promise<NetworkLab> {
    labs += 1;
    const directory = await mkdtemp(join(tmpdir(), "network-lab-"));
    const lab = new NetworkLab(`lab${process.pid}-${labs}`, directory);
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

  /** Runs a program in the server's namespace and waits for its end. */
  async onServer(program: string, ...args: readonly string[]): Promise<string> {
    return (await run("ip", ["netns", "exec", this.server, program, ...args])).stdout;
  }

  async onClient(program: string, ...args: readonly string[]): Promise<string> {
    return (await run("ip", ["netns", "exec", this.client, program, ...args])).stdout;
  }

  /** Starts dnsmasq on the server and waits until it serves. */
  async startDnsmasq(...options: readonly string[]): Promise<void> {
    const configuration = join(this.directory, "empty.conf");
    await writeFile(configuration, "");
    await this.#start("dnsmasq: started", [
      "dnsmasq",
      "--no-daemon",
      "--user=root",
      "--port=0",
      "--no-resolv",
      "--no-ping",
      "--log-dhcp",
      `--conf-file=${configuration}`,
      `--dhcp-leasefile=${join(this.directory, "leases")}`,
      `--pid-file=${join(this.directory, "pid")}`,
      ...options,
    ]);
  }

  /** Starts a script of test/integration/support on the server; it says `ready` when it serves. */
  async startScript(script: string, ...args: readonly string[]): Promise<void> {
    await this.#start("ready", [NODE, join(import.meta.dirname, script), ...args]);
  }

  /** Runs a script of test/integration/support in the client's namespace; its result is the JSON that it prints. */
  async runClient(script: string, request: unknown): Promise<ClientResult> {
    const args = [NODE, join(import.meta.dirname, script), JSON.stringify(request)];
    const { stdout } = await run("ip", ["netns", "exec", this.client, ...args], { maxBuffer: 1e8 });
    return JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as ClientResult;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#children) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const exit = once(child, "exit");
      child.kill("SIGKILL");
      await exit;
    }
    await run("ip", ["netns", "del", this.server]);
    await run("ip", ["netns", "del", this.client]);
    await rm(this.directory, { recursive: true });
  }

  async #start(readyText: string, command: readonly string[]): Promise<void> {
    const child = spawn("ip", ["netns", "exec", this.server, ...command], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#children.push(child);
    let output = "";
    const ready = Promise.withResolvers<void>();
    const collect = (chunk: Buffer): void => {
      output += chunk.toString();
      if (output.includes(readyText)) ready.resolve();
    };
    child.stdout.on("data", collect);
    child.stderr.on("data", collect);
    child.once("exit", () => ready.reject(new Error(`${command[0]} ended: ${output}`)));
    await ready.promise;
    ready.promise.catch(() => undefined);
  }
}

/** What a client script prints: a value, or the code and text of an error, and its log lines. */
export interface ClientResult {
  readonly value?: Readonly<Record<string, unknown>>;
  readonly code?: string;
  readonly message?: string;
  readonly log?: readonly string[];
  readonly durationMs: number;
}
