/**
 * What kind of trouble an error is. New commands turn it into an exit code (src/cli/exit-code.ts); the commands of
 * the original always exit 1, or 2 for usage.
 */
export type ErrorKind =
  | "usage"
  | "config"
  | "environment"
  | "network"
  | "protocol"
  | "integrity"
  | "target"
  | "cancelled"
  | "bug";

interface ErrorCodeEntry {
  readonly kind: ErrorKind;
  /** One sentence for docs/errors.md: what happened. */
  readonly meaning: string;
  /** What to do about it, as shown to the operator. */
  readonly hint: string;
  /** The hint would fit any fault of this kind; whoever attempted the operation knows better. */
  readonly isHintCommonplace?: true;
}

export type ErrorCodeTable = Readonly<Record<string, ErrorCodeEntry>>;
