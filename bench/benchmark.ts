/** One way of doing a thing. */
export interface Contender {
  readonly name: string;
  run(): Promise<void>;
}

/** A claim about speed: how `ours` compares with `baseline`, both measured in one run. */
export interface Benchmark {
  readonly name: string;
  readonly baseline: Contender;
  readonly ours: Contender;
  prepare?(): Promise<void>;
  cleanUp?(): Promise<void>;
}
