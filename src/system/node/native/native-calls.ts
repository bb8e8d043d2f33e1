import type { FileTime, Path } from "../../files.ts";

/** mount(2), flag words included. */
export interface NativeMount {
  readonly source: string;
  readonly target: string;
  /** Empty for operations that take none (bind mounts). */
  readonly type: string;
  readonly flags: number;
  readonly data: string;
}

/** mount(2) flags. */
export const MS_RDONLY = 0x1;
export const MS_NOSUID = 0x2;
export const MS_NODEV = 0x4;
export const MS_NOEXEC = 0x8;
export const MS_BIND = 0x1000;

/** setsockopt(2) levels and options. */
export const SOL_SOCKET = 1;
export const SO_REUSEADDR = 2;
export const SO_BROADCAST = 6;
export const SO_BINDTODEVICE = 25;
export const SO_ATTACH_FILTER = 26;

/** ioctl(2) requests on network interfaces and routes (netdevice(7), linux/sockios.h). */
export const SIOCADDRT = 0x890b;
export const SIOCDELRT = 0x890c;
export const SIOCGIFFLAGS = 0x8913;
export const SIOCSIFFLAGS = 0x8914;
export const SIOCSIFADDR = 0x8916;
export const SIOCSIFNETMASK = 0x891c;
export const SIOCSIFMTU = 0x8922;
export const SIOCGIFINDEX = 0x8933;

/** ioctl(2) requests on terminals (tty_ioctl(2), pts(4)). */
export const TIOCGPGRP = 0x540f;
export const TIOCSWINSZ = 0x5414;
export const TIOCGPTN = 0x80045430;
export const TIOCSPTLCK = 0x40045431;

/** reboot(2) commands. */
export const RB_AUTOBOOT = 0x01234567;
export const RB_POWER_OFF = 0x4321fedc;

export interface SocketOption {
  readonly level: number;
  readonly name: number;
  readonly value: Buffer;
}

/** A program to start as the leader of a new session on a terminal of its own (posix_spawn(3)). */
export interface NativeSpawn {
  /** Of the program; absolute. */
  readonly path: string;
  /** With the program's own name first. */
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Path of the terminal, which becomes standard input, output and error. */
  readonly device: string;
  readonly workingDirectory?: string;
}

/** Starting and reaping programs in ways that Node does not offer. */
export interface ProcessCalls {
  /** The process id. No signal is ignored or blocked there, whatever holds here. */
  spawnOnTerminal(request: NativeSpawn): number;
  /** The wait status of a child that has ended, which is then gone; undefined while it runs. */
  waitNow(processId: number): number | undefined;
}

/**
 * The system calls that Node does not offer. Structures are passed as Buffers in the layout of 64-bit little-endian
 * Linux (x86-64, arm64; see structures.ts). Failures are system errors in Node's own form. What may block for long
 * runs off the main thread and returns a promise.
 */
export interface NativeCalls extends ProcessCalls {
  mknod(path: Path, mode: number, rdev: bigint): void;
  /** utimensat with AT_SYMLINK_NOFOLLOW: access and modification time of the entry itself. */
  setTimes(path: Path, time: FileTime): void;
  setHostname(name: string): void;
  setTimeOfDay(unixSeconds: number): void;
  reboot(command: number): void;
  /** `argument` is read and written by the kernel; its size must be what `request` expects. */
  ioctl(fd: number, request: number, argument: Buffer): void;
  /** An IPv4 datagram socket, close-on-exec; close it as any other descriptor. */
  openUdpSocket(): number;
  setSocketOption(fd: number, option: SocketOption): void;
  /** `address` is a sockaddr_in or, for a packet socket, a sockaddr_ll. */
  bindSocket(fd: number, address: Buffer): void;
  /** A non-blocking AF_PACKET socket without link headers that receives nothing before it is bound (packet(7)). */
  openPacketSocket(): number;
  /** Lets only the packets through that the classic BPF `instructions` (eight bytes each) accept. */
  attachSocketFilter(fd: number, instructions: Buffer): void;
  /** A non-blocking rtnetlink socket whose answers carry the kernel's own words (rtnetlink(7)). */
  openRouteSocket(): number;
  /** `address` is a sockaddr_ll or, for a route socket, a sockaddr_nl. */
  sendTo(fd: number, data: Uint8Array, address: Buffer): void;
  /** Fills `into` with the next datagram, cut to fit, and tells its length; undefined when none is waiting. */
  receiveNow(fd: number, into: Buffer): number | undefined;
  mount(request: NativeMount): Promise<void>;
  unmount(target: string): Promise<void>;
  sync(): Promise<void>;
  /** syncfs; `path` is only for the error. */
  syncFileSystem(fd: number, path: Path): Promise<void>;
}
