import type { Terminal } from "../../system/terminals.ts";
import type { ShellSession, ShellSessionInfo } from "./shell-host.ts";

/** A session that says when it is over. */
export class OpenSession implements ShellSession {
  readonly info: ShellSessionInfo;
  readonly terminal: Terminal;
  readonly #onEnd: () => void;
  #ending: Promise<void> | undefined;

  constructor(info: ShellSessionInfo, terminal: Terminal, onEnd: () => void) {
    this.info = info;
    this.terminal = terminal;
    this.#onEnd = onEnd;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#ending ??= this.terminal.close().finally(this.#onEnd);
    return this.#ending;
  }
}
