import type { SequencedEvent } from "../../engine/event-history.ts";
import { type JsonValue, redactJson } from "../redaction/redact-json.ts";
import type { Batch } from "./pump.ts";

/** Which machine, and which run of the installer on it, events are of. */
export interface EventOrigin {
  readonly hostname: string;
  readonly serial: string;
  readonly version: string;
  /** Different for each start of the process; with `sequence` it tells that an event came before. */
  readonly run: string;
  /** Milliseconds since 1970, by the clock as it is now. */
  readonly startedUnixMs: number;
}

/** Longer texts are cut. */
const LONGEST_TEXT = 16 * 1024;

/**
 * The body of a request to `-eventUrl`: `{"hostname", "serial", "version", "run", "startTime", "events": [...]}`. Each event
 * has `sequence`, `kind`, `at` (milliseconds since the start) and what its kind has; an `events-lost` with `lost` comes
 * first when some were lost.
 */
export function formatEventBatch({ lost, events }: Batch, origin: EventOrigin): Buffer {
  const body = {
    hostname: origin.hostname,
    serial: origin.serial,
    version: origin.version,
    run: origin.run,
    startTime: new Date(origin.startedUnixMs).toISOString(),
    events: [...(lost === 0 ? [] : [{ kind: "events-lost", lost }]), ...events.map(formatEvent)],
  };
  return Buffer.from(JSON.stringify(body));
}

function formatEvent({ sequence, event }: SequencedEvent): JsonValue {
  const plain = JSON.parse(
    JSON.stringify({ sequence, ...event }, (_, value: unknown) => plainValue(value)),
  ) as JsonValue;
  return redactJson(plain, () => undefined);
}

/** Fields of log messages may be anything. */
function plainValue(value: unknown): unknown {
  if (typeof value === "bigint") return String(value);
  if (typeof value !== "string" || value.length <= LONGEST_TEXT) return value;
  return `${value.slice(0, LONGEST_TEXT)} [${value.length - LONGEST_TEXT} characters more]`;
}
