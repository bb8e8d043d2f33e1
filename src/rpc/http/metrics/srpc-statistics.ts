import type { CallRecord, SrpcRecorder } from "../../srpc/recorder.ts";
import { Distribution } from "./distribution.ts";
import type { DistributionValue } from "./metric.ts";

/** What has been counted of one method. */
export interface SrpcMethodFigures {
  /** `Service.Method`. */
  readonly method: string;
  readonly denied: number;
  readonly permitted: number;
  readonly running: number;
  readonly failedDurations: DistributionValue;
  readonly successfulDurations: DistributionValue;
}

/** What has been counted of an SRPC server. */
export interface SrpcFigures {
  readonly connections: number;
  readonly openConnections: number;
  readonly rejectedConnections: number;
  readonly runningMethods: number;
  readonly methods: readonly SrpcMethodFigures[];
}

interface MethodCounters {
  denied: number;
  permitted: number;
  running: number;
  readonly failed: Distribution;
  readonly successful: Distribution;
}

/** Counts what an SRPC server does, for its metrics. */
export class SrpcStatistics implements SrpcRecorder {
  readonly #now: () => number;
  readonly #methods = new Map<string, MethodCounters>();
  #connections = 0;
  #openConnections = 0;
  #rejectedConnections = 0;

  /** `methods`: all that there are, `Service.Method`; calls of others are not counted. `nowMs` never goes back. */
  constructor(methods: readonly string[], nowMs: () => number) {
    this.#now = nowMs;
    for (const method of methods)
      this.#methods.set(method, {
        denied: 0,
        permitted: 0,
        running: 0,
        failed: new Distribution(),
        successful: new Distribution(),
      });
  }

  /** A connection was accepted; to be disposed of once, when it closes. */
  connection(): Disposable {
    this.#connections += 1;
    this.#openConnections += 1;
    return {
      [Symbol.dispose]: () => {
        this.#openConnections -= 1;
      },
    };
  }

  /** A connection was turned away, for instance for want of a certificate. */
  rejectedConnection(): void {
    this.#rejectedConnections += 1;
  }

  deniedCall(method: string): void {
    const counters = this.#methods.get(method);
    if (counters !== undefined) counters.denied += 1;
  }

  permittedCall(method: string): CallRecord {
    const counters = this.#methods.get(method);
    if (counters === undefined) return { end: () => undefined };
    const startedAt = this.#now();
    counters.permitted += 1;
    counters.running += 1;
    return {
      end: (outcome) => {
        counters.running -= 1;
        counters[outcome].add(this.#now() - startedAt);
      },
    };
  }

  figures(): SrpcFigures {
    const methods = [...this.#methods].map(([method, counters]) => ({
      method,
      denied: counters.denied,
      permitted: counters.permitted,
      running: counters.running,
      failedDurations: counters.failed.value(),
      successfulDurations: counters.successful.value(),
    }));
    return {
      connections: this.#connections,
      openConnections: this.#openConnections,
      rejectedConnections: this.#rejectedConnections,
      runningMethods: methods.reduce((sum, { running }) => sum + running, 0),
      methods,
    };
  }
}
