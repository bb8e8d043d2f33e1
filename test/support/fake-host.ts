import { createHash } from "node:crypto";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { InstallerError } from "../../src/core/errors.ts";
import { objectIdFromBytes } from "../../src/core/object-id.ts";
import type { FileSystem, Path } from "../../src/system/files.ts";
import type { ExpectedFile, HashedContent, Hashing, HashingWriter } from "../../src/system/hashing.ts";
import type { Host } from "../../src/system/host.ts";
import type { Interfaces, NetworkInterface, Route, VlanInterface } from "../../src/system/interfaces.ts";
import type { MountEntry, MountRequest, Mounts } from "../../src/system/mounts.ts";
import type { Clock, Power } from "../../src/system/power.ts";
import type { RandomPool } from "../../src/system/random-pool.ts";
import type { Sockets } from "../../src/system/sockets.ts";
import { systemError } from "../../src/system/system-error.ts";
import { FakeCommandRunner } from "./fake-commands.ts";
import { FakeTerminals } from "./fake-terminals.ts";
import { MemoryFileSystem, type MemoryFileSystemOptions } from "./memory-file-system.ts";

/** A whole machine made of fakes. */
export interface FakeHost extends Host {
  readonly commands: FakeCommandRunner;
  readonly files: MemoryFileSystem;
  readonly hashing: FakeHashing;
  readonly mounts: FakeMounts;
  readonly interfaces: FakeInterfaces;
  readonly sockets: LoopbackSockets;
  readonly clock: FakeClock;
  readonly power: FakePower;
  readonly randomPool: FakeRandomPool;
  readonly terminals: FakeTerminals;
}

export function createFakeHost(
  options: MemoryFileSystemOptions & { readonly interfaces?: readonly NetworkInterface[] } = {},
): FakeHost {
  const files = new MemoryFileSystem(options);
  return {
    commands: new FakeCommandRunner(),
    files,
    hashing: new FakeHashing(files),
    mounts: new FakeMounts(files),
    interfaces: new FakeInterfaces(options.interfaces ?? []),
    sockets: new LoopbackSockets(),
    clock: new FakeClock(),
    power: new FakePower(),
    randomPool: new FakeRandomPool(),
    terminals: new FakeTerminals(),
  };
}

/** A mount table that mounts nothing. */
export class FakeMounts implements Mounts {
  /** Places whose unmount fails with EBUSY. */
  readonly busy = new Set<string>();
  readonly #files: MemoryFileSystem;
  readonly #entries: MountEntry[];

  constructor(files: MemoryFileSystem = new MemoryFileSystem(), entries: readonly MountEntry[] = []) {
    this.#files = files;
    this.#entries = [...entries];
  }

  async mount(request: MountRequest): Promise<void> {
    const { source, target, type, readOnly = false, untrusted = false, data } = request;
    const access = `${readOnly ? "ro" : "rw"}${untrusted ? ",nosuid,nodev,noexec" : ""}`;
    await this.#add({ source, mountPoint: target, type, options: data ? `${access},${data}` : access });
  }

  async bind(source: string, target: string): Promise<void> {
    await this.#files.stat(source);
    await this.#add({ source, mountPoint: target, type: "none", options: "rw,bind" });
  }

  async unmount(mountPoint: string): Promise<void> {
    const index = this.#entries.findLastIndex((entry) => entry.mountPoint === mountPoint);
    if (index === -1) throw systemError("EINVAL", "umount", mountPoint);
    const hasMountsBelow = this.#entries.some((entry) => entry.mountPoint.startsWith(`${mountPoint}/`));
    if (hasMountsBelow || this.busy.has(mountPoint)) throw systemError("EBUSY", "umount", mountPoint);
    this.#entries.splice(index, 1);
    if (!this.#entries.some((entry) => entry.mountPoint === mountPoint)) {
      this.#files.mountPoints.delete(mountPoint);
    }
  }

  async read(): Promise<readonly MountEntry[]> {
    return [...this.#entries];
  }

  async #add(entry: MountEntry): Promise<void> {
    const { type } = await this.#files.stat(entry.mountPoint);
    if (type !== "directory") throw systemError("ENOTDIR", "mount", entry.mountPoint);
    this.#entries.push(entry);
    this.#files.mountPoints.add(entry.mountPoint);
  }
}

/** Time that passes only when told to, or (unless `manual`) by the length of each sleep. */
export class FakeClock implements Clock {
  /** What was slept, in milliseconds. */
  readonly sleeps: number[] = [];
  readonly #isManual: boolean;
  readonly #sleepers = new Set<{ readonly untilMs: number; wake(): void }>();
  #wallOffsetMs: number;
  #monotonicMs = 0;

  constructor(options: { readonly manual?: boolean; readonly nowMs?: number } = {}) {
    this.#isManual = options.manual ?? false;
    this.#wallOffsetMs = options.nowMs ?? Date.UTC(2026, 0, 1);
  }

  nowMs(): number {
    return this.#wallOffsetMs + this.#monotonicMs;
  }

  monotonicMs(): number {
    return this.#monotonicMs;
  }

  async uptimeSeconds(): Promise<number> {
    return 10 + this.#monotonicMs / 1000;
  }

  async setTime(unixSeconds: number): Promise<void> {
    this.#wallOffsetMs = unixSeconds * 1000 - this.#monotonicMs;
  }

  async sleep(ms: number, signal: AbortSignal): Promise<void> {
    const cancelled = () => new InstallerError("E_CANCELLED", `waiting ${ms} ms`, { cause: signal.reason });
    if (signal.aborted) throw cancelled();
    this.sleeps.push(ms);
    if (!this.#isManual) {
      this.advance(ms);
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const onAbort = () => {
        this.#sleepers.delete(sleeper);
        reject(cancelled());
      };
      const wake = () => {
        signal.removeEventListener("abort", onAbort);
        resolve();
      };
      const sleeper = { untilMs: this.#monotonicMs + ms, wake };
      signal.addEventListener("abort", onAbort, { once: true });
      this.#sleepers.add(sleeper);
    });
  }

  /** Lets time pass and wakes who slept until then. */
  advance(ms: number): void {
    this.#monotonicMs += ms;
    for (const sleeper of this.#sleepers) {
      if (sleeper.untilMs > this.#monotonicMs) continue;
      this.#sleepers.delete(sleeper);
      sleeper.wake();
    }
  }
}

/** Thrown by FakePower in place of the end of the world. */
export class FakePowerEnd extends Error {
  readonly action: "restart" | "power-off";

  constructor(action: "restart" | "power-off") {
    super(`the machine would ${action} now`);
    this.action = action;
  }
}

export class FakePower implements Power {
  async restart(): Promise<never> {
    throw new FakePowerEnd("restart");
  }

  async powerOff(): Promise<never> {
    throw new FakePowerEnd("power-off");
  }
}

/** A pool that remembers what was stirred in. */
export class FakeRandomPool implements RandomPool {
  readonly added: { readonly seed: Buffer; readonly creditBits: number }[] = [];

  async add(seed: Uint8Array, creditBits: number): Promise<number> {
    this.added.push({ seed: Buffer.from(seed), creditBits });
    return creditBits;
  }
}

/** What was set on a FakeInterfaces. */
export interface FakeAddress {
  readonly address: string;
  readonly prefixLength: number;
}

export class FakeInterfaces implements Interfaces {
  readonly addresses = new Map<string, FakeAddress>();
  defaultGateway: string | undefined;
  hostname = "";
  /** In the order of the requests. */
  readonly routes: Route[] = [];
  readonly #interfaces: Map<string, NetworkInterface>;

  constructor(interfaces: readonly NetworkInterface[]) {
    this.#interfaces = new Map(interfaces.map((entry) => [entry.name, entry]));
  }

  /** Replaces or adds an interface, e.g. to plug in the cable. */
  put(entry: NetworkInterface): void {
    this.#interfaces.set(entry.name, entry);
  }

  async list(): Promise<readonly NetworkInterface[]> {
    return [...this.#interfaces.values()];
  }

  async hasCarrier(name: string): Promise<boolean> {
    const entry = this.#interfaces.get(name);
    return entry !== undefined && entry.isUp && entry.hasCarrier;
  }

  async listAddresses(name: string): Promise<readonly string[]> {
    const entry = this.addresses.get(name);
    return entry === undefined ? [] : [`${entry.address}/${entry.prefixLength}`];
  }

  async setUp(name: string, up: boolean): Promise<void> {
    this.#interfaces.set(name, { ...this.#require(name), isUp: up });
  }

  async setAddress(name: string, address: string, prefixLength: number): Promise<void> {
    this.#require(name);
    this.addresses.set(name, { address, prefixLength });
  }

  async clearAddress(name: string): Promise<void> {
    this.#require(name);
    this.addresses.delete(name);
  }

  async setDefaultGateway(gateway: string): Promise<void> {
    this.defaultGateway = gateway;
  }

  async addRoute(route: Route): Promise<void> {
    this.#require(route.interfaceName);
    this.routes.push(route);
  }

  async setMtu(name: string, mtu: number): Promise<void> {
    this.#interfaces.set(name, { ...this.#require(name), mtu });
  }

  async createVlan({ name, parent }: VlanInterface): Promise<void> {
    if (this.#interfaces.has(name)) throw systemError("EEXIST", "rtnetlink", name);
    this.#interfaces.set(name, { ...this.#require(parent), name, isUp: false, isPhysical: false });
  }

  async setHostname(name: string): Promise<void> {
    this.hostname = name;
  }

  #require(name: string): NetworkInterface {
    const entry = this.#interfaces.get(name);
    if (entry === undefined) throw systemError("ENODEV", "ioctl", name);
    return entry;
  }
}

/** Sockets on the loopback interface, on a free port, whatever interface and port are asked for. */
export class LoopbackSockets implements Sockets {
  /** What was asked for, in order. */
  readonly opened: { readonly interfaceName: string; readonly port: number }[] = [];

  async openUdpOnInterface(interfaceName: string, port: number): Promise<Socket> {
    this.opened.push({ interfaceName, port });
    const socket = createSocket("udp4");
    const listening = once(socket, "listening");
    socket.bind(0, "127.0.0.1");
    await listening;
    return socket;
  }

  async openPacketsOnInterface(): Promise<never> {
    throw systemError("EAFNOSUPPORT", "socket");
  }
}

/** Hashes on the spot, into the files of a fake machine. */
export class FakeHashing implements Hashing {
  readonly #files: FileSystem;

  constructor(files: FileSystem = new MemoryFileSystem()) {
    this.#files = files;
  }

  async hashFile(path: Path): Promise<HashedContent> {
    return hashedContent(await this.#files.readFile(path));
  }

  async createFile(path: string): Promise<HashingWriter> {
    if (await this.#files.exists(path)) throw systemError("EEXIST", "open", path);
    await this.#files.writeFile(path, "", { mode: 0o600 });
    const pieces: Uint8Array[] = [];
    return {
      write: async (chunk) => {
        pieces.push(chunk);
      },
      finish: async () => {
        const content = Buffer.concat(pieces);
        await this.#files.writeFile(path, content, { mode: 0o600 });
        return hashedContent(content);
      },
      abandon: async () => this.#files.removeTree(path),
    };
  }

  async createExpected({ path, id, content }: ExpectedFile): Promise<HashedContent> {
    const hashed = hashedContent(content);
    if (hashed.id !== id) return hashed;
    const writer = await this.createFile(path);
    await writer.write(content);
    return writer.finish();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Nothing runs in the background.
  }
}

function hashedContent(content: Uint8Array): HashedContent {
  return {
    id: objectIdFromBytes(createHash("sha512").update(content).digest()),
    sizeBytes: content.byteLength,
  };
}
