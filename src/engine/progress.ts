/** What a step counts. */
export type ProgressUnit = "bytes" | "objects" | "inodes" | "files";

export interface ProgressReporter {
  /** Announces (or corrects) how much there is to do; undefined total: unknown. */
  start(unit: ProgressUnit, total?: number): void;
  /** Adds to what is done. Cheap: may be called for every chunk. */
  advance(amount: number): void;
  /** A short free text beside the figures, such as the file-system being made. */
  note(text: string): void;
  /**
   * Says what the step waits for from now on, such as a server that has to answer, until the result is disposed. The
   * programs that a step runs are known without.
   */
  waitFor(what: string): Disposable;
}
