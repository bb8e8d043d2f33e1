import type { Snapshot } from "../../../engine/snapshot.ts";
import type { OwnProcess } from "../../../system/own-process.ts";
import type { SrpcFigures } from "./srpc-statistics.ts";

/** What the port itself counts. */
export interface PortFigures {
  /** Open now. */
  readonly connections: number;
  /** Since the start. */
  readonly accepted: number;
  /** Turned away since the start, by the limit that was reached. */
  readonly refused: Readonly<Record<string, number>>;
  /** Handed on since the start, by protocol. */
  readonly byProtocol: Readonly<Record<string, number>>;
  readonly tlsHandshakes: number;
  readonly tlsFailures: number;
}

/** A flag of the command line and its value. Durations are nanoseconds, sizes bytes. */
export interface FlagFact {
  readonly name: string;
  readonly kind: "bool" | "int64" | "uint64" | "string" | "duration";
  readonly value: boolean | number | string | bigint;
  readonly description: string;
}

/** Our certificate and its authorities, times in milliseconds since 1970. */
export interface CertificateFacts {
  readonly activationMs: number;
  readonly expiryMs: number;
  /** The earliest of the authorities that we trust; undefined when there are none. */
  readonly earliestAuthorityExpiryMs?: number;
}

/** Where metrics come from; asked when somebody asks for metrics, and not otherwise. */
export interface MetricsSource {
  readonly snapshot: () => Snapshot;
  readonly ownProcess: Pick<OwnProcess, "args" | "usage">;
  readonly flags: readonly FlagFact[];
  readonly port?: () => PortFigures;
  readonly srpc?: () => SrpcFigures;
  /** Undefined while we have no certificate. */
  readonly certificate?: () => CertificateFacts | undefined;
}
