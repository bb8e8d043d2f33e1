import type { ChildProcessByStdio } from "node:child_process";
import { readFile } from "node:fs/promises";
import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";

/** How to tell that a server serves: by what it prints, or by the UDP port that it listens on. */
export type Readiness = { readonly text: string } | { readonly udpPort: number };

const POLL_MS = 50;
const LIMIT_MS = 20_000;
const KEPT_CHARACTERS = 100_000;

/** Waits until a server is ready. Rejects with its output when it ends before, or takes longer than 20 s. */
export async function awaitReady(
  child: ChildProcessByStdio<null, Readable, Readable>,
  command: readonly string[],
  readiness: Readiness,
): Promise<void> {
  let output = "";
  let ended = false;
  const collect = (chunk: Buffer): void => {
    if (output.length < KEPT_CHARACTERS) output += chunk.toString();
  };
  child.stdout.on("data", collect);
  child.stderr.on("data", collect);
  child.once("exit", () => (ended = true));
  const isReady = async (): Promise<boolean> =>
    "text" in readiness
      ? output.includes(readiness.text)
      : hasUdpPort(await readFile(`/proc/${child.pid}/net/udp`, "utf8").catch(() => ""), readiness.udpPort);
  const startMs = performance.now();
  while (!(await isReady())) {
    if (ended || performance.now() - startMs > LIMIT_MS)
      throw new Error(`${command.join(" ")} ${ended ? "ended" : "is not ready"}: ${output}`);
    await sleep(POLL_MS);
  }
}

/** Whether the table of udp(7) sockets has one that is bound to a port, in hexadecimal behind the address. */
function hasUdpPort(table: string, port: number): boolean {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  return table.split("\n").some((line) => line.trim().split(/\s+/)[1]?.endsWith(suffix));
}
