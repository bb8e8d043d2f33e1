import { messageChain } from "../../core/errors.ts";

/** Larger members keep their ends, which is what explains a failure. */
export const MEMBER_LIMIT_BYTES = 8 * 2 ** 20;

/** A file of the bundle. */
interface Member {
  /** Path below the bundle's directory. */
  readonly name: string;
  readonly content: Buffer;
}

/** A member still to be made; `undefined` when there is no such thing on this machine. */
export interface PlannedMember {
  readonly name: string;
  readonly read: (signal: AbortSignal) => Promise<string | undefined>;
}

/** Slower sources are given up. */
const LONGEST_READ_MS = 20_000;

/** Makes a member; a failure becomes a line for the list of errors. */
export async function makeMember(
  { name, read }: PlannedMember,
  signal: AbortSignal,
  onError: (line: string) => void,
): Promise<Member | undefined> {
  const timeout = AbortSignal.timeout(LONGEST_READ_MS);
  try {
    const text = await orAborted(
      read(AbortSignal.any([signal, timeout])),
      AbortSignal.any([signal, timeout]),
    );
    return text === undefined ? undefined : { name, content: lastBytes(text) };
  } catch (error) {
    signal.throwIfAborted();
    onError(`${name}: ${timeout.aborted ? "took too long" : messageChain(error)}`);
    return undefined;
  }
}

/** A read that hangs, as files of a broken driver may, does not hang the bundle. */
async function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(signal.reason instanceof Error ? signal.reason : new Error("stopped"));
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

function lastBytes(text: string): Buffer {
  const bytes = Buffer.from(text);
  if (bytes.length <= MEMBER_LIMIT_BYTES) return bytes;
  const head = Buffer.from("[the beginning is left out]\n");
  return Buffer.concat([head, bytes.subarray(bytes.length - MEMBER_LIMIT_BYTES + head.length)]);
}
