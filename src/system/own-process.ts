/** What this process has used since it started (getrusage(2)), and what it holds. */
export interface ProcessUsage {
  readonly cpuUserSeconds: number;
  readonly cpuSystemSeconds: number;
  readonly residentBytes: number;
  readonly maximumResidentBytes: number;
  readonly majorPageFaults: number;
  readonly minorPageFaults: number;
  readonly swaps: number;
  readonly blockInputs: number;
  readonly blockOutputs: number;
  readonly voluntarySwitches: number;
  readonly involuntarySwitches: number;
  /** Undefined when /proc is not there. */
  readonly openFileDescriptors: number | undefined;
}

/** This process, for metrics and for people who wonder what it does. */
export interface OwnProcess {
  /** Program and arguments as they were given, secrets included. */
  readonly args: readonly string[];
  usage(): Promise<ProcessUsage>;
  /** What the runtime keeps alive or waits for, by kind: `TCPSocketWrap` and the like, one entry each. */
  activeResources(): readonly string[];
  /** Where the calling code is. */
  stack(): string;
}
