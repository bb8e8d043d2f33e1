/** What the main thread asks of a hashing worker; `id` numbers the request. */
export type HashingRequest =
  | { readonly kind: "hash-file"; readonly id: number; readonly path: string | Uint8Array }
  /** Hashes and writes at the end of what was written through `fd` before; chunks of one file keep their order. */
  | { readonly kind: "write"; readonly id: number; readonly fd: number; readonly chunk: Uint8Array }
  /** Ends the hash of `fd`; the descriptor stays open. */
  | { readonly kind: "finish"; readonly id: number; readonly fd: number }
  /** Hashes consecutive parts of `content` and writes those that have the expected digest. */
  | {
      readonly kind: "create-expected";
      readonly id: number;
      readonly files: readonly ExpectedPart[];
      readonly content: Uint8Array;
    }
  | { readonly kind: "forget"; readonly id: number; readonly fd: number };

/** The next `sizeBytes` of the content, and where they belong if they have the digest. */
export interface ExpectedPart {
  readonly path: string;
  readonly digest: string;
  readonly sizeBytes: number;
}

/** The answer to the request with the same `id`. */
export interface HashingReply {
  readonly id: number;
  /** Of `hash-file` and `finish`: lower-case hex, and what was hashed. */
  readonly digest?: string;
  readonly sizeBytes?: number;
  /** Of `create-expected`: for each part the digest that it has, or why it could not be written. */
  readonly outcomes?: readonly (string | HashingFailure)[];
  readonly error?: HashingFailure;
}

/** A system error, flattened: an Error loses its properties on the way between threads. */
export interface HashingFailure {
  readonly message: string;
  readonly code?: string | undefined;
  readonly errno?: number | undefined;
  readonly syscall?: string | undefined;
  readonly path?: string | undefined;
}
