import type { Snapshot } from "../../engine/snapshot.ts";

/**
 * `/api/status`: the snapshot as one flat JSON object. The names are an interface for programs: members may be added, none
 * is renamed or removed. Times (`startedAt`, `endedAt`, `movedAt`, `since`, `until`) are milliseconds since the process
 * started, as `uptimeMs` is; `startTime` is the wall clock's.
 */
export function renderStatusJson(snapshot: Snapshot): string {
  const { status, stall } = snapshot;
  const shown = {
    hostname: snapshot.hostname,
    version: snapshot.version,
    runtime: snapshot.runtime,
    startTime: new Date(snapshot.startedUnixMs).toISOString(),
    uptimeMs: Math.round(snapshot.at),
    outcome: status.outcome,
    message: status.message,
    sequence: snapshot.sequence,
    steps: status.steps,
    stall: stall ?? null,
    handOver: status.handOver ?? null,
    notices: status.notices,
    plan: status.plan ?? null,
    machine: snapshot.machine,
    interfaces: snapshot.interfaces,
    sessions: snapshot.sessions,
    process: snapshot.process,
  };
  return `${JSON.stringify(shown, null, 2)}\n`;
}
