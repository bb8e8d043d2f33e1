import { readFile } from "node:fs/promises";
import { parseMountTable } from "../mount-table.ts";
import type { MountEntry, MountRequest, Mounts } from "../mounts.ts";
import {
  MS_BIND,
  MS_NODEV,
  MS_NOEXEC,
  MS_NOSUID,
  MS_RDONLY,
  type NativeCalls,
} from "./native/native-calls.ts";

/** The mount table of this machine (of this process's mount namespace). */
export class NodeMounts implements Mounts {
  readonly #native: () => NativeCalls;

  constructor(native: () => NativeCalls) {
    this.#native = native;
  }

  async mount(request: MountRequest): Promise<void> {
    const { source, target, type, readOnly = false, untrusted = false, data = "" } = request;
    const flags = (readOnly ? MS_RDONLY : 0) | (untrusted ? MS_NOSUID | MS_NODEV | MS_NOEXEC : 0);
    await this.#native().mount({ source, target, type, flags, data });
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
