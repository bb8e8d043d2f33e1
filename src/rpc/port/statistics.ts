import type { AdmissionRefusal } from "./admission.ts";

/** What connections turned out to carry; SRPC counts once, with TLS or without. */
export type PortProtocol = "http" | "https" | "grpc" | "grpcClear" | "srpc";

/** Counted since the port was opened, but for `connections`. */
export interface PortStatistics {
  /** Open now. */
  readonly connections: number;
  readonly accepted: number;
  /** Not taken because too many were open in all. */
  readonly refusedTotal: number;
  /** Not taken because too many were open from their address. */
  readonly refusedByAddress: number;
  /** Not taken because too many came too fast from their address. */
  readonly refusedByRate: number;
  /** Handshakes of connections that started with TLS: begun, and failed among them. */
  readonly tlsHandshakes: number;
  readonly tlsFailures: number;
  readonly byProtocol: Readonly<Record<PortProtocol, number>>;
}

/** Counts for `PortStatistics`. */
export class PortCounters {
  readonly #refused: Record<AdmissionRefusal, number> = { total: 0, address: 0, rate: 0 };
  readonly #byProtocol: Record<PortProtocol, number> = { http: 0, https: 0, grpc: 0, grpcClear: 0, srpc: 0 };
  #accepted = 0;
  #tlsHandshakes = 0;
  #tlsFailures = 0;

  countAccepted(): void {
    this.#accepted += 1;
  }

  countRefused(reason: AdmissionRefusal): void {
    this.#refused[reason] += 1;
  }

  countProtocol(protocol: PortProtocol): void {
    this.#byProtocol[protocol] += 1;
  }

  countHandshake(): void {
    this.#tlsHandshakes += 1;
  }

  countFailedHandshake(): void {
    this.#tlsFailures += 1;
  }

  snapshot(connections: number): PortStatistics {
    return {
      connections,
      accepted: this.#accepted,
      refusedTotal: this.#refused.total,
      refusedByAddress: this.#refused.address,
      refusedByRate: this.#refused.rate,
      tlsHandshakes: this.#tlsHandshakes,
      tlsFailures: this.#tlsFailures,
      byProtocol: { ...this.#byProtocol },
    };
  }
}
