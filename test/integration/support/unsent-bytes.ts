import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

const TABLES = ["/proc/net/tcp", "/proc/net/tcp6"] as const;
const LOOK_MS = 100;
/** Looks in a row that find the same. */
const LOOKS = 3;

/**
 * What the kernel holds for the other ends of the connections to a local port, because they do not read (proc_net_tcp in
 * the kernel's documentation).
 */
function unsentBytes(port: number): number {
  const rows = TABLES.flatMap((table) => readFileSync(table, "latin1").split("\n").slice(1));
  const queued = rows.flatMap((row) => {
    const [, local = "", , , queues = ""] = row.trim().split(/\s+/);
    const isOurs = Number.parseInt(local.split(":")[1] ?? "", 16) === port;
    return isOurs ? [Number.parseInt(queues.split(":")[0] ?? "", 16)] : [];
  });
  return queued.reduce((sum, bytes) => sum + bytes, 0);
}

/** Resolves when somebody who does not read has filled the buffers of the kernel. Rejects with the reason of `signal`. */
export async function untilSomebodyIsStuck(port: number, signal: AbortSignal): Promise<void> {
  let before = 0;
  for (let same = 0; same < LOOKS; ) {
    await sleep(LOOK_MS, undefined, { signal });
    const now = unsentBytes(port);
    same = now > 0 && now === before ? same + 1 : 0;
    before = now;
  }
}
