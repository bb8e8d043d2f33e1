import { readFile } from "node:fs/promises";
import { parseMountTable } from "../mount-table.ts";
import type { MountEntry, MountRequest, Mounts } from "../mounts.ts";
import { MS_BIND, MS_RDONLY, type NativeCalls } from "./native/native-calls.ts";

/** The mount table of this machine (of this process's mount namespace). */
export class NodeMounts implements Mounts {
  readonly #native: () => NativeCalls;

  constructor(native: () => NativeCalls) {
    this.#native = native;
  }

  async mount({ source, target, type, readOnly = false, data = "" }: MountRequest): Promise<void> {
    await this.#native().mount({ source, target, type, flags: readOnly ? MS_RDONLY : 0, data });
  }

  async bind(source: string, target: string): Promise<void> {
    await this.#native().mount({ source, target, type: "", flags: MS_BIND, data: "" });
  }

  async unmount(mountPoint: string): Promise<void> {
    await this.#native().unmount(mountPoint);
  }

  async read(): Promise<readonly MountEntry[]> {
    return parseMountTable(await readFile("/proc/self/mounts", "utf8"));
  }
}
