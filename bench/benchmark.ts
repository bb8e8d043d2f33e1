/** One way of doing a thing. */
export interface Contender {
  readonly name: string;
  /** What has to be there; not measured. */
  before?(): Promise<void>;
  run(): Promise<void>;
  /** Not measured. */
  after?(): Promise<void>;
}

/** A claim about speed: how `ours` compares with `baseline`, both measured in one run. */
export interface Benchmark {
  readonly name: string;
  readonly baseline: Contender;
  readonly ours: Contender;
  /** How often each is run. Default 5. */
  readonly rounds?: number;
  prepare?(): Promise<void>;
  cleanUp?(): Promise<void>;
}
