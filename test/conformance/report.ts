/** Collects the verdicts of one conformance run. */
export class Report {
  passed = 0;
  failed = 0;
  readonly rules = new Map<string, number>();
  readonly #print: (line: string) => void;

  constructor(print: (line: string) => void) {
    this.#print = print;
  }

  pass(): void {
    this.passed += 1;
  }

  fail(caseName: string, why: string): void {
    this.failed += 1;
    this.#print(`FAIL ${caseName}: ${why}`);
  }

  /** A deliberate difference, documented in docs/differences.md under `ruleId`, was applied to this case. */
  applyRule(ruleId: string): void {
    this.rules.set(ruleId, (this.rules.get(ruleId) ?? 0) + 1);
  }

  /** Passes when `check` returns undefined, fails with its text or with what it throws. */
  async check(
    caseName: string,
    check: () => string | undefined | Promise<string | undefined>,
  ): Promise<void> {
    try {
      const why = await check();
      if (why === undefined) this.pass();
      else this.fail(caseName, why);
    } catch (error) {
      this.fail(caseName, `threw ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    }
  }
}

/** One vector set: knows which files below the vector directory it reads. */
export interface ConformanceSet {
  readonly name: string;
  /** Runs every case found; does nothing when its files are absent. */
  run(vectorDirectory: string, report: Report): Promise<void>;
}
