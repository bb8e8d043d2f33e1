import { commandNotFound } from "../../src/system/command-endings.ts";
import type {
  Terminal,
  TerminalExit,
  TerminalRequest,
  TerminalSignal,
  TerminalSize,
  Terminals,
} from "../../src/system/terminals.ts";

/** Terminals on which a test plays the program. */
export class FakeTerminals implements Terminals {
  /** In the order of opening. */
  readonly opened: FakeTerminal[] = [];
  /** What `open` rejects with from now on. */
  failure: Error | undefined;
  readonly #programs: ReadonlySet<string>;

  /** The programs that exist. */
  constructor(programs: readonly string[] = ["sh"]) {
    this.#programs = new Set(programs);
  }

  async open(request: TerminalRequest): Promise<FakeTerminal> {
    if (this.failure !== undefined) throw this.failure;
    if (!this.#programs.has(request.program)) throw commandNotFound(request.program, undefined);
    const terminal = new FakeTerminal(request, this.opened.length);
    this.opened.push(terminal);
    return terminal;
  }
}

export class FakeTerminal implements Terminal {
  readonly device: string;
  readonly processId: number;
  readonly request: TerminalRequest;
  readonly exit: Promise<TerminalExit>;
  readonly signals: TerminalSignal[] = [];
  /** All that was typed. */
  typed = "";
  size: TerminalSize;
  /** Called with what is typed. */
  onType: (text: string) => void = () => undefined;
  readonly #shown: Uint8Array[] = [];
  readonly #resolveExit: (exit: TerminalExit) => void;
  #wake: () => void = () => undefined;
  #isOver = false;

  constructor(request: TerminalRequest, number: number) {
    this.request = request;
    this.device = `/dev/pts/${number}`;
    this.processId = 1000 + number;
    this.size = request.size ?? { columns: 0, rows: 0 };
    const { promise, resolve } = Promise.withResolvers<TerminalExit>();
    this.exit = promise;
    this.#resolveExit = resolve;
  }

  get output(): AsyncIterable<Uint8Array> {
    return this.#read();
  }

  /** How many pieces nobody has read yet. */
  get unread(): number {
    return this.#shown.length;
  }

  /** The program writes. */
  show(text: string): void {
    if (this.#isOver) return;
    this.#shown.push(Buffer.from(text));
    this.#wake();
  }

  /** The program ends. */
  end(exitCode = 0): void {
    this.#isOver = true;
    this.#resolveExit({ exitCode });
    this.#wake();
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.#isOver) return;
    const text = Buffer.from(bytes).toString("utf8");
    this.typed += text;
    this.onType(text);
  }

  resize(size: TerminalSize): void {
    this.size = size;
  }

  signal(name: TerminalSignal): void {
    if (!this.#isOver) this.signals.push(name);
  }

  async close(): Promise<void> {
    this.#shown.length = 0;
    this.end(129);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async *#read(): AsyncGenerator<Uint8Array, undefined> {
    for (;;) {
      const chunk = this.#shown.shift();
      if (chunk !== undefined) yield chunk;
      else if (this.#isOver) return;
      else
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
    }
  }
}
