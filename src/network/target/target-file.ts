/** A file of the new system, before it is written. */
export interface TargetFile {
  /** Below the root of the new system, without a leading slash. */
  readonly path: string;
  readonly text: string;
  /** Permission bits. */
  readonly mode: number;
}

/** A symbolic link of the new system, before it is made. */
export interface SymbolicLink {
  /** Below the root of the new system, without a leading slash. */
  readonly path: string;
  readonly target: string;
}

/** First line of a file that has comments; other programs of the fleet look for the middle words. */
export const CREATED_BY = "# created by SmallStack installer";
