/** What somebody at a terminal has seen so far. */
export class Screen {
  #text = "";
  #watchers: (() => void)[] = [];
  /** Resolves when there is nothing more to come. */
  readonly ended: Promise<void>;

  constructor(output: AsyncIterable<Uint8Array>) {
    this.ended = this.#read(output);
  }

  get text(): string {
    return this.#text;
  }

  /** Resolves with everything seen as soon as `pattern` is there; rejects when the output ends without it. */
  async until(pattern: RegExp): Promise<string> {
    const over = this.ended.then(() => "over" as const);
    while (!pattern.test(this.#text)) {
      const changed = new Promise<"changed">((resolve) => {
        this.#watchers.push(() => resolve("changed"));
      });
      if ((await Promise.race([changed, over])) === "over" && !pattern.test(this.#text))
        throw new Error(`no ${String(pattern)} in ${JSON.stringify(this.#text.slice(-2000))}`);
    }
    return this.#text;
  }

  async #read(output: AsyncIterable<Uint8Array>): Promise<void> {
    for await (const chunk of output) {
      this.#text += Buffer.from(chunk).toString("latin1");
      const watchers = this.#watchers;
      this.#watchers = [];
      for (const wake of watchers) wake();
    }
  }
}
