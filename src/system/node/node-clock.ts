import { readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { InstallerError } from "../../core/errors.ts";
import type { Clock } from "../power.ts";
import type { NativeCalls } from "./native/native-calls.ts";

/** The clocks of this machine. */
export class NodeClock implements Clock {
  readonly #native: () => NativeCalls;

  constructor(native: () => NativeCalls) {
    this.#native = native;
  }

  nowMs(): number {
    return Date.now();
  }

  monotonicMs(): number {
    return performance.now();
  }

  async uptimeSeconds(): Promise<number> {
    return Number.parseFloat(await readFile("/proc/uptime", "utf8"));
  }

  async setTime(unixSeconds: number): Promise<void> {
    this.#native().setTimeOfDay(unixSeconds);
  }

  async sleep(ms: number, signal: AbortSignal): Promise<void> {
    try {
      await delay(ms, undefined, { signal });
    } catch (error) {
      throw new InstallerError("E_CANCELLED", `waiting ${ms} ms`, { cause: error });
    }
  }
}
