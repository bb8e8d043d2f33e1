import { accessSync, closeSync, constants, openSync } from "node:fs";
import { ReadStream } from "node:tty";
import { InstallerError } from "../../core/errors.ts";
import { commandNotFound } from "../command-endings.ts";
import { formatCommand } from "../command-line.ts";
import type { Terminal, TerminalRequest, Terminals } from "../terminals.ts";
import { findProgram } from "./find-program.ts";
import { type NativeCalls, TIOCGPTN, TIOCSPTLCK, TIOCSWINSZ } from "./native/native-calls.ts";
import { encodeWindowSize } from "./native/process-structures.ts";
import { encodeInt } from "./native/structures.ts";
import { NodeTerminal, type TerminalPair } from "./node-terminal.ts";

const MULTIPLEXER = "/dev/ptmx";

/** Pseudo-terminals of the kernel (pty(7)). Programs are started by posix_spawn, with no wrapper in between. */
export class NodeTerminals implements Terminals {
  readonly #native: () => NativeCalls;

  constructor(native: () => NativeCalls) {
    this.#native = native;
  }

  async open(request: TerminalRequest): Promise<Terminal> {
    const path = findProgram(request.program);
    if (path === undefined) throw commandNotFound(request.program, undefined);
    const native = this.#native();
    const { fd, device, stream } = openPair(native);
    try {
      const { columns, rows } = request.size ?? { columns: 0, rows: 0 };
      native.ioctl(fd, TIOCSWINSZ, encodeWindowSize(columns, rows));
      const processId = start(native, path, device, request);
      return new NodeTerminal(native, { fd, device, stream, processId });
    } catch (error) {
      stream.destroy();
      throw error;
    }
  }
}

/**
 * What posix_openpt, grantpt, unlockpt and ptsname do on Linux, where devpts gives the slave its owner and mode. The
 * stream owns the descriptor.
 */
function openPair(native: NativeCalls): TerminalPair {
  let fd: number | undefined;
  try {
    fd = openSync(MULTIPLEXER, constants.O_RDWR | constants.O_NOCTTY);
    native.ioctl(fd, TIOCSPTLCK, encodeInt(0));
    const number = encodeInt(0);
    native.ioctl(fd, TIOCGPTN, number);
    const device = `/dev/pts/${number.readInt32LE()}`;
    accessSync(device);
    return { fd, device, stream: new ReadStream(fd) };
  } catch (error) {
    if (fd !== undefined) closeSync(fd);
    throw new InstallerError("E_NO_TERMINAL", "opening a pseudo-terminal", { cause: error });
  }
}

function start(native: NativeCalls, path: string, device: string, request: TerminalRequest): number {
  const { program, args, environment, workingDirectory } = request;
  const argv = [program, ...args];
  const directory = workingDirectory === undefined ? {} : { workingDirectory };
  try {
    return native.spawnOnTerminal({ path, argv, environment, device, ...directory });
  } catch (error) {
    const attempt = `starting ${formatCommand(request)} on ${device}`;
    throw new InstallerError("E_COMMAND_FAILED", attempt, { cause: error });
  }
}
