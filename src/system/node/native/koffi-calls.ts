import { constants } from "node:os";
import { getSystemErrorName } from "node:util";
import type { Path } from "../../files.ts";
import { type ErrnoName, systemError } from "../../system-error.ts";
import { type Koffi, loadKoffi, type NativeFunction } from "./load-koffi.ts";
import { type NativeCalls, SO_ATTACH_FILTER, SOL_SOCKET } from "./native-calls.ts";
import { createProcessCalls } from "./process-calls.ts";
import { encodeCString, encodeFilterProgram, encodeInt, encodeTimes, encodeTimeval } from "./structures.ts";

const AT_FDCWD = -100;
const AT_SYMLINK_NOFOLLOW = 0x100;
const AF_INET = 2;
const AF_NETLINK = 16;
const AF_PACKET = 17;
const SOCK_RAW = 3;
const SOCK_DGRAM = 2;
const SOCK_CLOEXEC = 0x80000;
const SOCK_NONBLOCK = 0x800;
const NETLINK_ROUTE = 0;
const SOL_NETLINK = 270;
const NETLINK_EXT_ACK = 11;

/** What a call is about, for its error. */
interface CallSubject {
  readonly syscall: string;
  readonly path?: Path | undefined;
}

/** NativeCalls by way of koffi and the C library. Loads koffi at once: make it when the first call is due. */
export function createKoffiCalls(koffi: Koffi = loadKoffi()): NativeCalls {
  const functions = bindFunctions(koffi);

  // errno belongs to the thread and lasts until the next call: it is read in the same turn, never after an await.
  const check = (result: number, subject: CallSubject): number => {
    if (result !== -1) return result;
    throw errorOf(koffi.errno(), subject);
  };
  const runAsync = async (
    native: NativeFunction,
    args: readonly unknown[],
    subject: CallSubject,
  ): Promise<void> =>
    new Promise((resolve, reject) => {
      native.async(...args, (error: Error | null, result: number) => {
        // `args` is used here so that its buffers outlive the call: koffi keeps only their addresses.
        if (error !== null) reject(error);
        else if (result === -1 && args.length > 0) reject(errorOf(koffi.errno(), subject));
        else resolve();
      });
    });

  return {
    ...createProcessCalls(koffi),
    mknod(path, mode, rdev) {
      check(functions.mknod(encodeCString(path, "mknod"), mode, rdev), { syscall: "mknod", path });
    },
    setTimes(path, time) {
      const name = encodeCString(path, "utimensat");
      check(functions.utimensat(AT_FDCWD, name, encodeTimes(time), AT_SYMLINK_NOFOLLOW), {
        syscall: "utimensat",
        path,
      });
    },
    setHostname(name) {
      const bytes = Buffer.from(name, "utf8");
      check(functions.sethostname(bytes, bytes.byteLength), { syscall: "sethostname", path: name });
    },
    setTimeOfDay(unixSeconds) {
      check(functions.settimeofday(encodeTimeval(unixSeconds), null), { syscall: "settimeofday" });
    },
    reboot(command) {
      check(functions.reboot(command | 0), { syscall: "reboot" });
    },
    ioctl(fd, request, argument) {
      check(functions.ioctl(fd, request, argument), { syscall: "ioctl" });
    },
    openUdpSocket: () =>
      check(functions.socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), { syscall: "socket" }),
    setSocketOption(fd, { level, name, value }) {
      check(functions.setsockopt(fd, level, name, value, value.byteLength), { syscall: "setsockopt" });
    },
    bindSocket(fd, address) {
      check(functions.bind(fd, address, address.byteLength), { syscall: "bind" });
    },
    openPacketSocket: () =>
      check(functions.socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), { syscall: "socket" }),
    attachSocketFilter(fd, instructions) {
      const program = encodeFilterProgram(koffi.address(instructions), instructions.byteLength);
      check(functions.setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, program, program.byteLength), {
        syscall: "setsockopt",
      });
    },
    openRouteSocket() {
      const type = SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK;
      const fd = check(functions.socket(AF_NETLINK, type, NETLINK_ROUTE), { syscall: "socket" });
      // Only for better error texts: a kernel that cannot is as good.
      functions.setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, encodeInt(1), 4);
      return fd;
    },
    sendTo(fd, data, address) {
      check(functions.sendto(fd, data, data.byteLength, 0, address, address.byteLength), {
        syscall: "sendto",
      });
    },
    receiveNow(fd, into) {
      const length = functions.recv(fd, into, into.byteLength, 0);
      if (length !== -1) return length;
      const errno = koffi.errno();
      if (errno === constants.errno.EAGAIN) return undefined;
      throw errorOf(errno, { syscall: "recv" });
    },
    async mount({ source, target, type, flags, data }) {
      const texts = [source, target, type, data].map((text) => encodeCString(text, "mount"));
      const [sourceName, targetName, typeName, dataText] = texts;
      const args = [sourceName, targetName, typeName, flags, dataText];
      await runAsync(functions.mount, args, { syscall: "mount", path: target });
    },
    async unmount(target) {
      const args = [encodeCString(target, "umount"), 0];
      await runAsync(functions.umount2, args, { syscall: "umount", path: target });
    },
    async sync() {
      await runAsync(functions.sync, [], { syscall: "sync" });
    },
    async syncFileSystem(fd, path) {
      await runAsync(functions.syncfs, [fd], { syscall: "syncfs", path });
    },
  };
}

function bindFunctions(koffi: Koffi) {
  const library = koffi.load(null);
  return {
    mknod: library.func("int mknod(const void *path, unsigned int mode, unsigned long dev)"),
    utimensat: library.func("int utimensat(int dirfd, const void *path, const void *times, int flags)"),
    sethostname: library.func("int sethostname(const void *name, size_t length)"),
    settimeofday: library.func("int settimeofday(const void *time, const void *zone)"),
    reboot: library.func("int reboot(int command)"),
    // Variadic in C; with one pointer argument the calling convention is the same on x86-64 and arm64 Linux.
    ioctl: library.func("int ioctl(int fd, unsigned long request, void *argument)"),
    socket: library.func("int socket(int domain, int type, int protocol)"),
    setsockopt: library.func(
      "int setsockopt(int fd, int level, int name, const void *value, unsigned int length)",
    ),
    bind: library.func("int bind(int fd, const void *address, unsigned int length)"),
    sendto: library.func(
      "long sendto(int fd, const void *data, size_t length, int flags, const void *address, unsigned int size)",
    ),
    recv: library.func("long recv(int fd, void *into, size_t size, int flags)"),
    mount: library.func(
      "int mount(const void *source, const void *target, const void *type, unsigned long flags, const void *data)",
    ),
    umount2: library.func("int umount2(const void *target, int flags)"),
    sync: library.func("void sync()"),
    syncfs: library.func("int syncfs(int fd)"),
  };
}

function errorOf(errno: number, { syscall, path }: CallSubject): NodeJS.ErrnoException {
  return systemError(getSystemErrorName(-errno) as ErrnoName, syscall, path);
}
