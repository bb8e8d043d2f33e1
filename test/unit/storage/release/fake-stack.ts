import { InstallerError } from "../../../../src/core/errors.ts";
import type { StorageEnvironment } from "../../../../src/storage/environment.ts";
import type { Command } from "../../../../src/system/commands.ts";
import type { FileSystem } from "../../../../src/system/files.ts";
import { createFakeHost } from "../../../support/fake-host.ts";
import { createRecordingLogger } from "../../../support/recording-logger.ts";

export interface FakeDevice {
  readonly name: string;
  /** The device that it is a partition of. */
  readonly parent?: string;
  /** The devices that it is built on. */
  readonly on?: readonly string[];
  readonly dm?: { readonly name: string; readonly uuid: string };
  readonly md?: { readonly level: string; readonly metadata?: string };
}

const BLOCK_NODE = 0o60600;

/**
 * A machine with drives and what is built on them, in a sysfs with its links. The programs that take devices down do so
 * here, and refuse as the kernel does while something lies on a device.
 */
export class FakeStack {
  readonly host = createFakeHost({
    files: { "/proc/swaps": "", "/sys/class/block/": "", "/dev/mapper/": "" },
  });
  readonly log = createRecordingLogger();
  /** What ran and what was written, in order. */
  readonly actions: string[] = [];
  /** The programs that the tools image has. */
  readonly programs = new Set(["blockdev", "dmsetup", "mdadm", "swapoff"]);
  /** The programs of this system itself. */
  readonly ownPrograms = new Set<string>();
  /** Devices that cannot be taken down. */
  readonly stuck = new Set<string>();
  readonly #devices = new Map<string, FakeDevice>();
  readonly #swaps: string[] = [];
  /** Device numbers of the file-systems that files lie in. */
  readonly #places = new Map<string, bigint>();

  async add(device: FakeDevice): Promise<this> {
    const { name, parent, on = [], dm, md } = device;
    const { files } = this.host;
    const number = this.#devices.size;
    const directory = `/sys/devices/${parent === undefined ? "" : `${parent}/`}${name}`;
    this.#devices.set(name, device);
    const write = async (attribute: string, text: string) => {
      const path = `${directory}/${attribute}`;
      await files.makeDirectory(path.slice(0, path.lastIndexOf("/")), { parents: true });
      await files.writeFile(path, `${text}\n`);
    };
    await write("dev", `8:${number}`);
    await files.makeDirectory(`${directory}/holders`);
    await files.makeDirectory(`${directory}/slaves`);
    await files.makeSymlink(
      `../../../sys/devices/${directory.slice("/sys/devices/".length)}`,
      `/sys/class/block/${name}`,
    );
    if (parent !== undefined) await write("partition", "1");
    if (dm !== undefined) {
      await write("dm/name", dm.name);
      await write("dm/uuid", dm.uuid);
    }
    if (md !== undefined) {
      await write("md/level", md.level);
      await write("md/metadata_version", md.metadata ?? "1.2");
    }
    for (const slave of on) {
      await files.makeDirectory(`${directory}/slaves/${slave}`);
      await files.makeDirectory(`/sys/class/block/${slave}/holders/${name}`);
    }
    const node = dm === undefined ? `/dev/${name}` : `/dev/mapper/${dm.name}`;
    await files.makeNode(node, BLOCK_NODE, BigInt(0x800 + number));
    return this;
  }

  async mount(source: string, mountPoint: string): Promise<void> {
    await this.host.files.makeDirectory(mountPoint, { parents: true });
    await this.host.mounts.mount({ source, target: mountPoint, type: "ext4" });
  }

  async swapOn(path: string): Promise<void> {
    this.#swaps.push(path);
    await this.#writeSwaps();
  }

  /** Has a file lie in the file-system of `device`. */
  async placeFile(path: string, device: string): Promise<void> {
    const number = await this.host.files.readText(`/sys/class/block/${device}/dev`);
    this.#places.set(path, BigInt(0x800 + Number(number.split(":")[1])));
    await this.host.files.writeFile(path, "");
  }

  environment(): StorageEnvironment {
    const { host, log } = this;
    return {
      mounts: {
        mount: async (request) => host.mounts.mount(request),
        bind: async (source, target) => host.mounts.bind(source, target),
        read: async () => host.mounts.read(),
        unmount: async (mountPoint) => {
          this.actions.push(`unmount ${mountPoint}`);
          await host.mounts.unmount(mountPoint);
        },
      },
      clock: host.clock,
      commands: {
        run: async (command) => {
          await this.#run(command);
          return { exitCode: 0, stdout: "", stderr: "", durationMs: 0 };
        },
        runInteractive: async () => 0,
      },
      files: this.#files(),
      log,
      signal: new AbortController().signal,
      toolsRoot: "/tmproot",
      sysfsDirectory: "/sys",
      procDirectory: "/proc",
    };
  }

  async #run({ program, args, chroot }: Command): Promise<void> {
    const present = chroot === undefined ? this.ownPrograms : this.programs;
    if (!present.has(program)) throw new InstallerError("E_COMMAND_NOT_FOUND", `looking for ${program}`);
    this.actions.push(`${[program, ...args].join(" ")}${chroot === undefined ? "" : ` (chroot ${chroot})`}`);
    const what = args.at(-1) ?? "";
    if (program === "blockdev") return;
    if (program === "swapoff") {
      this.#swaps.splice(this.#swaps.indexOf(what), 1);
      await this.#writeSwaps();
      return;
    }
    const found = [...this.#devices.values()].find(
      ({ name, dm }) => `/dev/${name}` === what || dm?.name === what || dm?.name === what.replace("/", "-"),
    );
    if (found === undefined) throw new InstallerError("E_COMMAND_FAILED", `running ${program}: no ${what}`);
    await this.#takeDown(found);
  }

  /** sysfs does what is written to it. */
  #files(): FileSystem {
    return new Proxy<FileSystem>(this.host.files, {
      get: (target, property) => {
        if (property === "writeFile")
          return async (path: string, content: string) => {
            this.actions.push(`write ${content} to ${path}`);
            const device = this.#devices.get(path.split("/")[4] ?? "");
            if (device !== undefined) await this.#takeDown(device);
          };
        if (property === "stat")
          return async (path: string) => {
            const status = await target.stat(path);
            return { ...status, device: this.#places.get(path) ?? status.device };
          };
        const value = Reflect.get(target, property);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
  }

  async #takeDown({ name, on = [], dm }: FakeDevice): Promise<void> {
    const { files } = this.host;
    const path = dm === undefined ? `/dev/${name}` : `/dev/mapper/${dm.name}`;
    const isUsed =
      this.#swaps.includes(path) || (await this.host.mounts.read()).some(({ source }) => source === path);
    const parts = [...this.#devices.values()].filter(({ parent }) => parent === name);
    const above = await Promise.all(
      [name, ...parts.map((part) => part.name)].map(async (part) =>
        files.readDirectory(`/sys/class/block/${part}/holders`),
      ),
    );
    if (isUsed || above.flat().length > 0)
      throw new InstallerError("E_COMMAND_FAILED", `${name}: Device or resource busy`);
    if (this.stuck.has(name)) return;
    for (const slave of on) await files.removeTree(`/sys/class/block/${slave}/holders/${name}`);
    for (const { name: part } of parts) {
      await files.removeFile(`/sys/class/block/${part}`);
      this.#devices.delete(part);
    }
    await files.removeFile(`/sys/class/block/${name}`);
    await files.removeTree(`/sys/devices/${name}`);
    this.#devices.delete(name);
  }

  async #writeSwaps(): Promise<void> {
    const lines = this.#swaps.map((path) => `${path} partition 1024 0 -2\n`);
    await this.host.files.writeFile("/proc/swaps", `Filename Type Size Used Priority\n${lines.join("")}`);
  }
}

/** Two drives with a RAID1 over a partition of each, LVM on it with a root, a home and a swap volume. */
export async function stackOfLvmOnRaid(): Promise<FakeStack> {
  const stack = new FakeStack();
  for (const drive of ["sda", "sdb"]) {
    await stack.add({ name: drive });
    await stack.add({ name: `${drive}1`, parent: drive });
    await stack.add({ name: `${drive}2`, parent: drive });
  }
  await stack.add({ name: "md127", on: ["sda2", "sdb2"], md: { level: "raid1" } });
  for (const [index, volume] of ["root", "home", "swap"].entries())
    await stack.add({
      name: `dm-${index}`,
      on: ["md127"],
      dm: { name: `vg0-${volume}`, uuid: `LVM-${volume}` },
    });
  return stack;
}
