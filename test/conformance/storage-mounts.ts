import type { MountEntry, MountRequest, Mounts } from "../../src/system/mounts.ts";
import { systemError } from "../../src/system/system-error.ts";
import { FakeMounts } from "../support/fake-host.ts";
import { HIDDEN, type MachineFileSystem, VOLUMES } from "./storage-devices.ts";
import type { MachineEvent } from "./storage-events.ts";

/** Mounts that show the files of what is mounted and hide those below; bind mounts are only entered in the table. */
export class MachineMounts implements Mounts {
  readonly #files: MachineFileSystem;
  readonly #table: FakeMounts;
  readonly #note: (event: MachineEvent) => void;
  readonly #fails: (line: string) => boolean;

  constructor(
    files: MachineFileSystem,
    note: (event: MachineEvent) => void,
    fails: (line: string) => boolean,
  ) {
    this.#files = files;
    this.#table = new FakeMounts(files);
    this.#note = note;
    this.#fails = fails;
  }

  async mount(request: MountRequest): Promise<void> {
    const { source, target, type, readOnly = false } = request;
    const volume = volumePath(source);
    const isDevice = source.startsWith("/dev/");
    const hasFiles = !isDevice || (await this.#files.exists(volume));
    const event = { kind: "mount", source, on: target, type, readOnly } as const;
    const failsOnPurpose = this.#fails(`${source} ${target} ${type}`);
    if (failsOnPurpose || !hasFiles) {
      this.#note({ ...event, fails: true });
      throw systemError(failsOnPurpose ? "EIO" : "EINVAL", "mount", target);
    }
    await this.#table.mount(request);
    this.#note(event);
    if (!isDevice) await this.#files.makeDirectory(volume, { parents: true });
    await this.#swap(target, `${HIDDEN}/${encodeURIComponent(target)}`, volume);
  }

  async bind(source: string, target: string): Promise<void> {
    const event = { kind: "mount", source, on: target, type: "bind" } as const;
    if (this.#fails(`${source} ${target}`)) {
      this.#note({ ...event, fails: true });
      throw systemError("EIO", "mount", target);
    }
    await this.#table.bind(source, target);
    this.#note(event);
  }

  async unmount(mountPoint: string): Promise<void> {
    const entry = (await this.#table.read()).findLast((each) => each.mountPoint === mountPoint);
    await this.#table.unmount(mountPoint);
    this.#note({ kind: "unmount", on: mountPoint });
    if (entry === undefined || entry.options.includes("bind")) return;
    await this.#swap(mountPoint, volumePath(entry.source), `${HIDDEN}/${encodeURIComponent(mountPoint)}`);
  }

  async read(): Promise<readonly MountEntry[]> {
    return this.#table.read();
  }

  /** Moves what is at `place` to `away` and `next` to `place`. */
  async #swap(place: string, away: string, next: string): Promise<void> {
    await this.#files.rename(place, away);
    await this.#files.rename(next, place);
  }
}

/** The files of the file-system on a device, or of a tmpfs. */
export function volumePath(source: string): string {
  return `${VOLUMES}/${encodeURIComponent(source)}`;
}
