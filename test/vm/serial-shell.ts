import type { Console } from "./console.ts";

const COMMAND_TIMEOUT_MS = 120_000;

/** A shell on the serial console of an installed machine. */
export class SerialShell {
  readonly #console: Console;

  private constructor(console: Console) {
    this.#console = console;
  }

  /** Logs in where the console shows (or has just shown) a login prompt. */
  static async login(console: Console, user: string, password: string): Promise<SerialShell> {
    console.type(user);
    await console.waitFor(/Password: $/, COMMAND_TIMEOUT_MS);
    console.type(password);
    await console.waitFor(/[#$] $/, COMMAND_TIMEOUT_MS);
    const shell = new SerialShell(console);
    // No echo and no prompt: what the console shows from now on is output. Messages of the kernel would get between, and those
    // of systemd about jobs that take long (RTMIN+21 turns them off, systemd(1)).
    await shell.run(
      "stty -echo cols 500; PS1=; dmesg -n 1; kill -s RTMIN+21 1; bind 'set enable-bracketed-paste off'",
    );
    return shell;
  }

  /** What `command` printed; rejects when its exit code is not 0. */
  async run(command: string): Promise<string> {
    // The quotes keep the echo of the command from looking like its end.
    // Whatever has been left on the line before must not hide it either.
    this.#console.type(`${command}; printf '\\n=''end %d\\n' $?`);
    const [, output = "", status] = await this.#console.waitFor(/^([^]*?)^=end (\d+)$/m, COMMAND_TIMEOUT_MS);
    if (status !== "0") throw new Error(`${command}: exit code ${status}:\n${output}`);
    return output.trim();
  }

  /** What the Python program `source` printed; rejects when it failed. */
  async runPython(source: string): Promise<string> {
    return this.run(`echo ${Buffer.from(source).toString("base64")} | base64 -d | python3`);
  }
}
