import { sourceOf } from "./source-address.ts";

/** How many may come, and how fast. */
export interface AdmissionLimits {
  /** Open connections in all. */
  readonly maxConnections: number;
  /** Open connections from one source. */
  readonly maxConnectionsPerAddress: number;
  /** New connections a second from one source, on the average. */
  readonly newConnectionsPerSecond: number;
  /** New connections at once from a source that was quiet. */
  readonly newConnectionsBurst: number;
}

/** Why a connection is not taken: too many in all, too many from its source, or too many new ones from it. */
export type AdmissionRefusal = "total" | "address" | "rate";

interface Source {
  open: number;
  /** New connections that it may make at once. */
  tokens: number;
  countedAtMs: number;
}

/**
 * Counts connections and decides which may come (a token bucket for each source). Not a clock: every call says what
 * time it is, in milliseconds that never go back. Sources that have left and recovered are forgotten.
 */
export class Admission {
  readonly #limits: AdmissionLimits;
  readonly #sources = new Map<string, Source>();
  #open = 0;
  #sweptAtMs = Number.NEGATIVE_INFINITY;

  constructor(limits: AdmissionLimits) {
    this.#limits = limits;
  }

  /** Connections that were admitted and not released. */
  get open(): number {
    return this.#open;
  }

  /** Sources that something is remembered about. */
  get rememberedSources(): number {
    return this.#sources.size;
  }

  /** Undefined: the connection may stay, and must be released once when it is over. */
  admit(address: string, nowMs: number): AdmissionRefusal | undefined {
    this.#sweep(nowMs);
    const source = this.#source(sourceOf(address), nowMs);
    if (this.#open >= this.#limits.maxConnections) return "total";
    if (source.open >= this.#limits.maxConnectionsPerAddress) return "address";
    if (source.tokens < 1) return "rate";
    source.tokens -= 1;
    source.open += 1;
    this.#open += 1;
    return undefined;
  }

  release(address: string): void {
    const source = this.#sources.get(sourceOf(address));
    if (source === undefined || source.open === 0)
      throw new RangeError(`released ${address}, which was not admitted`);
    source.open -= 1;
    this.#open -= 1;
  }

  #source(key: string, nowMs: number): Source {
    const known = this.#sources.get(key);
    if (known === undefined) {
      const source = { open: 0, tokens: this.#limits.newConnectionsBurst, countedAtMs: nowMs };
      this.#sources.set(key, source);
      return source;
    }
    known.tokens = this.#tokensAt(known, nowMs);
    known.countedAtMs = nowMs;
    return known;
  }

  #tokensAt(source: Source, nowMs: number): number {
    const grown = ((nowMs - source.countedAtMs) * this.#limits.newConnectionsPerSecond) / 1000;
    return Math.min(this.#limits.newConnectionsBurst, source.tokens + grown);
  }

  /** As often as it takes an empty bucket to fill, so that what is remembered is bounded by what came since. */
  #sweep(nowMs: number): void {
    const { newConnectionsBurst, newConnectionsPerSecond } = this.#limits;
    if (nowMs - this.#sweptAtMs < (newConnectionsBurst / newConnectionsPerSecond) * 1000) return;
    this.#sweptAtMs = nowMs;
    for (const [key, source] of this.#sources) {
      if (source.open === 0 && this.#tokensAt(source, nowMs) >= newConnectionsBurst)
        this.#sources.delete(key);
    }
  }
}
