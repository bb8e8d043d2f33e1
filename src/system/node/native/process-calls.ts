import { constants } from "node:fs";
import { getSystemErrorName } from "node:util";
import { type ErrnoName, systemError } from "../../system-error.ts";
import type { Koffi } from "./load-koffi.ts";
import type { NativeSpawn, ProcessCalls } from "./native-calls.ts";
import { encodeSignalSet, encodeStringTable } from "./process-structures.ts";
import { encodeCString } from "./structures.ts";

/** spawn.h; glibc and musl agree. */
const POSIX_SPAWN_SETSIGDEF = 0x04;
const POSIX_SPAWN_SETSIGMASK = 0x08;
const POSIX_SPAWN_SETSID = 0x80;
/** More than posix_spawnattr_t (336 bytes) and posix_spawn_file_actions_t (80 bytes) are in either library. */
const ATTRIBUTES_BYTES = 512;
const FILE_ACTIONS_BYTES = 256;
const WNOHANG = 1;

type Functions = ReturnType<typeof bindFunctions>;

/** ProcessCalls by way of koffi; the functions are bound when the first program is started. */
export function createProcessCalls(koffi: Koffi): ProcessCalls {
  let bound: Functions | undefined;
  const functions = (): Functions => {
    bound ??= bindFunctions(koffi);
    return bound;
  };
  return {
    spawnOnTerminal: (request) => spawnOnTerminal(koffi, functions(), request),
    waitNow(processId) {
      const status = Buffer.alloc(4);
      const result = functions().waitpid(processId, status, WNOHANG);
      if (result === -1) throw errorOf(koffi.errno(), "waitpid");
      return result === 0 ? undefined : status.readInt32LE();
    },
  };
}

function spawnOnTerminal(koffi: Koffi, functions: Functions, request: NativeSpawn): number {
  const { path, device, workingDirectory } = request;
  // These functions return the error number in place of setting errno.
  const check = (errno: number): void => {
    if (errno !== 0) throw errorOf(errno, "posix_spawn", path);
  };
  const cString = (text: string): Buffer => encodeCString(text, "posix_spawn");
  const addressOf = (buffer: Buffer): bigint => koffi.address(buffer);
  const variables = Object.entries(request.environment).map(([name, value]) => `${name}=${value}`);
  const argv = encodeStringTable(request.argv, addressOf);
  const envp = encodeStringTable(variables, addressOf);
  const attributes = Buffer.alloc(ATTRIBUTES_BYTES);
  const actions = Buffer.alloc(FILE_ACTIONS_BYTES);
  check(functions.attributesInit(attributes));
  check(functions.actionsInit(actions));
  try {
    const flags = POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK;
    check(functions.attributesSetFlags(attributes, flags));
    check(functions.attributesSetDefault(attributes, encodeSignalSet("full")));
    check(functions.attributesSetMask(attributes, encodeSignalSet("empty")));
    // The leader of a new session that opens a terminal without O_NOCTTY gets it as its controlling terminal.
    check(functions.actionsAddOpen(actions, 0, cString(device), constants.O_RDWR, 0));
    check(functions.actionsAddDup2(actions, 0, 1));
    check(functions.actionsAddDup2(actions, 0, 2));
    if (workingDirectory !== undefined)
      check(functions.bindAddChangeDirectory()(actions, cString(workingDirectory)));
    const processId = Buffer.alloc(4);
    check(functions.spawn(processId, cString(path), actions, attributes, argv, envp));
    return processId.readInt32LE();
  } finally {
    functions.actionsDestroy(actions);
    functions.attributesDestroy(attributes);
  }
}

function bindFunctions(koffi: Koffi) {
  const library = koffi.load(null);
  return {
    attributesInit: library.func("int posix_spawnattr_init(void *attributes)"),
    attributesSetFlags: library.func("int posix_spawnattr_setflags(void *attributes, short flags)"),
    attributesSetDefault: library.func(
      "int posix_spawnattr_setsigdefault(void *attributes, const void *signals)",
    ),
    attributesSetMask: library.func("int posix_spawnattr_setsigmask(void *attributes, const void *signals)"),
    attributesDestroy: library.func("int posix_spawnattr_destroy(void *attributes)"),
    actionsInit: library.func("int posix_spawn_file_actions_init(void *actions)"),
    actionsAddOpen: library.func(
      "int posix_spawn_file_actions_addopen(void *actions, int fd, const void *path, int flags, unsigned int mode)",
    ),
    actionsAddDup2: library.func("int posix_spawn_file_actions_adddup2(void *actions, int fd, int newFd)"),
    actionsDestroy: library.func("int posix_spawn_file_actions_destroy(void *actions)"),
    spawn: library.func(
      "int posix_spawn(void *pid, const void *path, const void *actions, const void *attributes, const void *argv, const void *envp)",
    ),
    waitpid: library.func("int waitpid(int pid, void *status, int options)"),
    /** Bound when needed: glibc has it from 2.29 on. */
    bindAddChangeDirectory: () =>
      library.func("int posix_spawn_file_actions_addchdir_np(void *actions, const void *path)"),
  };
}

function errorOf(errno: number, syscall: string, path?: string): NodeJS.ErrnoException {
  return systemError(getSystemErrorName(-errno) as ErrnoName, syscall, path);
}
