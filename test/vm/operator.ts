import { spawn } from "node:child_process";
import { connect, createServer } from "node:net";
import path from "node:path";
import { LAB_NETWORK, type Lab } from "./lab.ts";

const INSTALLER = path.resolve(import.meta.dirname, "../../dist/installer");

/** How a command of an operator ended. */
export interface Ended {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command of an operator that is still running. */
export interface Running {
  readonly ended: Promise<Ended>;
  /** What it has printed so far. */
  stdout(): string;
}

/** Somebody at the server of a lab, with a directory of certificates, who talks to the machine by `dist/installer`. */
export class Operator {
  readonly #lab: Lab;
  readonly #certificates: string;

  constructor(lab: Lab, certificateDirectory: string) {
    this.#lab = lab;
    this.#certificates = certificateDirectory;
  }

  /** `installer COMMAND HOST ARGS`, with `input` typed; ends with the lab. */
  start(command: string, args: readonly string[] = [], input = ""): Running {
    const own = [command, "-certDirectory", this.#certificates, LAB_NETWORK.client, ...args];
    const child = spawn("ip", ["netns", "exec", this.#lab.namespace, INSTALLER, ...own]);
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
    const { promise, resolve } = Promise.withResolvers<Ended>();
    child.once("close", (exitCode) => resolve({ exitCode, stdout, stderr }));
    return { ended: promise, stdout: () => stdout };
  }

  async run(command: string, args: readonly string[] = [], input = ""): Promise<Ended> {
    return this.start(command, args, input).ended;
  }
}

/** The machine's port as one of this machine, for a browser; `http://127.0.0.1:N`. */
export async function openForBrowser(lab: Lab, cleanup: AsyncDisposableStack): Promise<string> {
  const relay = await lab.relay(LAB_NETWORK.client, 6978);
  const server = createServer((outer) => {
    const inner = connect(relay);
    for (const [from, to] of [
      [outer, inner],
      [inner, outer],
    ] as const) {
      from.on("error", () => to.destroy());
      from.on("close", () => to.destroy());
      from.pipe(to);
    }
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", resolve);
  await promise;
  cleanup.defer(() => void server.close());
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no address");
  return `http://127.0.0.1:${address.port}`;
}
