import { InstallerError } from "../../../src/core/errors.ts";
import type { Logger } from "../../../src/core/logger.ts";
import type { StorageEnvironment } from "../../../src/storage/environment.ts";
import type { Command, CommandResult } from "../../../src/system/commands.ts";
import type { FileStatus, FileSystem, FileType, Path } from "../../../src/system/files.ts";
import type { MountEntry } from "../../../src/system/mounts.ts";

export interface FakeNode {
  readonly type: FileType;
  readonly content?: string;
}

/**
 * A machine for storage code that remembers everything done to it, in order, as one line each. Calls that nobody
 * prepared for throw.
 */
export class FakeEnvironment {
  /** What was done: `run …`, `write …`, `mount …`, `unmount …`, `sync`. */
  readonly actions: string[] = [];
  readonly logged: string[] = [];
  readonly nodes = new Map<string, FakeNode>();
  readonly mountTable: MountEntry[] = [];
  /** Programs that fail, with their error. */
  readonly failing = new Map<string, Error>();
  /** Unmounting these fails as often as the number says. */
  readonly busy = new Map<string, number>();
  /** Called after each command, to change the machine as the program would. */
  afterCommand: (command: Command) => void = () => undefined;
  nowMs = 0;

  environment(changes: Partial<StorageEnvironment> = {}): StorageEnvironment {
    return {
      commands: {
        run: async (command) => this.#run(command),
        runInteractive: () => unexpected("runInteractive"),
      },
      files: this.#files(),
      mounts: {
        mount: async ({ source, target, type }) =>
          this.#mount({ source, mountPoint: target, type, options: "" }),
        bind: async (source, target) =>
          this.#mount({ source, mountPoint: target, type: "bind", options: "" }),
        unmount: async (mountPoint) => this.#unmount(mountPoint),
        read: async () => [...this.mountTable],
      },
      clock: {
        nowMs: () => this.nowMs,
        monotonicMs: () => this.nowMs,
        uptimeSeconds: async () => 0,
        setTime: () => unexpected("setTime"),
        sleep: async (ms) => {
          this.nowMs += ms;
        },
      },
      log: this.#logger(),
      signal: new AbortController().signal,
      toolsRoot: "/tmproot",
      sysfsDirectory: "/sys",
      procDirectory: "/proc",
      ...changes,
    };
  }

  addFile(path: string, content: string): void {
    this.nodes.set(path, { type: "file", content });
  }

  addDirectory(path: string): void {
    this.nodes.set(path, { type: "directory" });
  }

  /** A block device of `sizeBytes` that sysfs shows as well. */
  addBlockDevice(name: string, sizeBytes: number, sysfsParent = "", startBytes = 0): void {
    this.nodes.set(`/dev/${name}`, { type: "block", content: "\0".repeat(512) });
    const directory = `/sys/class/block/${name}`;
    for (const at of [
      directory,
      ...(sysfsParent === "" ? [] : [`/sys/class/block/${sysfsParent}/${name}`]),
    ]) {
      this.addDirectory(at);
      this.addFile(`${at}/size`, `${sizeBytes / 512}\n`);
      if (sysfsParent === "") continue;
      this.addFile(`${at}/partition`, "1\n");
      this.addFile(`${at}/start`, `${startBytes / 512}\n`);
    }
  }

  /** Takes the partitions of a drive away, as the kernel does when it finds no table. */
  removePartitions(driveName: string): void {
    for (const path of this.nodes.keys()) {
      const [, , , , name = ""] = path.split("/");
      const isPartition = name !== driveName && name.startsWith(driveName);
      const inDrive = path.startsWith(`/sys/class/block/${driveName}/${driveName}`);
      if (inDrive || (path.startsWith("/sys/class/block/") && isPartition)) this.nodes.delete(path);
    }
  }

  #run(command: Command): CommandResult {
    const chroot = command.chroot === undefined ? "" : ` (chroot ${command.chroot})`;
    this.actions.push(`run ${[command.program, ...command.args].join(" ")}${chroot}`);
    const failure = this.failing.get(command.program);
    if (failure !== undefined) throw failure;
    this.afterCommand(command);
    return { exitCode: 0, stdout: "", stderr: "", durationMs: 0 };
  }

  #mount(entry: MountEntry): void {
    this.actions.push(`mount ${entry.source} on ${entry.mountPoint} type ${entry.type}`);
    this.mountTable.push(entry);
  }

  #unmount(mountPoint: string): void {
    this.actions.push(`unmount ${mountPoint}`);
    const failures = this.busy.get(mountPoint) ?? 0;
    if (failures > 0) {
      this.busy.set(mountPoint, failures - 1);
      throw systemError("EBUSY", mountPoint);
    }
    const index = this.mountTable.findLastIndex((entry) => entry.mountPoint === mountPoint);
    if (index < 0) throw systemError("EINVAL", mountPoint);
    this.mountTable.splice(index, 1);
  }

  #files(): FileSystem {
    const node = (path: Path): FakeNode => {
      const found = this.nodes.get(String(path));
      if (found === undefined) throw systemError("ENOENT", String(path));
      return found;
    };
    const names = (path: Path): readonly string[] => {
      if (node(path).type !== "directory") throw systemError("ENOTDIR", String(path));
      const prefix = `${String(path)}/`;
      const below = [...this.nodes.keys()].filter((key) => key.startsWith(prefix));
      return [...new Set(below.map((key) => key.slice(prefix.length).split("/")[0] ?? ""))].sort();
    };
    const methods: Partial<FileSystem> = {
      readFile: async (path) => Buffer.from(node(path).content ?? "", "latin1"),
      readText: async (path) => node(path).content ?? "",
      readHead: async (path, lengthBytes) =>
        Buffer.from(node(path).content ?? "", "latin1").subarray(0, lengthBytes),
      readAt: async (path, offsetBytes, lengthBytes) =>
        Buffer.from(node(path).content ?? "", "latin1").subarray(offsetBytes, offsetBytes + lengthBytes),
      readDirectory: async (path) => names(path).map((name) => Buffer.from(name)),
      readDirectoryText: async (path) => names(path),
      readLink: async (path) => Buffer.from(node(path).content ?? ""),
      realPath: async (path) => path,
      exists: async (path) => this.nodes.has(String(path)),
      stat: async (path) => statusOf(node(path)),
      lstat: async (path) => statusOf(node(path)),
      makeDirectory: async (path) => {
        this.addDirectory(String(path));
      },
      makeTemporaryDirectory: async (parent, prefix) => {
        const path = `${parent}/${prefix}1`;
        this.addDirectory(path);
        return path;
      },
      removeDirectory: async (path) => {
        this.nodes.delete(String(path));
      },
      copyContent: async (from, to) => {
        this.actions.push(`copy ${String(from)} to ${String(to)}`);
        this.nodes.set(String(to), node(from));
      },
      writeAt: async (path, offsetBytes, content) => {
        node(path);
        const what = Buffer.alloc(content.byteLength).equals(content) ? "zeroes" : "bytes";
        this.actions.push(`write ${content.byteLength} ${what} at ${offsetBytes} of ${String(path)}`);
      },
      writeFileAtomic: async (path, content) => {
        this.actions.push(`write ${String(path)}`);
        this.addFile(String(path), content.toString());
      },
      syncAll: async () => {
        this.actions.push("sync");
      },
      syncFileSystem: async (path) => {
        this.actions.push(`sync ${String(path)}`);
      },
    };
    return new Proxy(methods as FileSystem, {
      get: (target, name) => Reflect.get(target, name) ?? (() => unexpected(String(name))),
    });
  }

  #logger(): Logger {
    const add = (message: string) => {
      this.logged.push(message);
    };
    return { error: add, warn: add, info: add, debug: (_level, message) => add(message) };
  }
}

export function systemError(code: string, what: string): Error {
  return Object.assign(new Error(`${code}: ${what}`), { code });
}

export function commandError(program: string): InstallerError {
  return new InstallerError("E_COMMAND_FAILED", `running ${program}: exit code 1`);
}

function statusOf({ type, content }: FakeNode): FileStatus {
  return {
    type,
    permissions: 0o755,
    uid: 0,
    gid: 0,
    sizeBytes: content?.length ?? 0,
    device: 1n,
    inode: 1n,
    linkCount: 1,
    rdev: 0n,
    modifiedNs: 0n,
  };
}

function unexpected(what: string): never {
  throw new Error(`unexpected call: ${what}`);
}
