import type { DrivesPlan } from "../../engine/drives-plan.ts";
import type { LogLevel as EngineLogLevel, InstallerEvent } from "../../engine/events.ts";
import type { HandOverState, InterfaceFacts, Notice } from "../../engine/facts.ts";
import { formatLogLine } from "../../engine/log-line.ts";
import type { Snapshot } from "../../engine/snapshot.ts";
import type { RunStatus, StepStatus } from "../../engine/status.ts";
import * as proto from "../generated/installer.js";

type LogEvent = Extract<InstallerEvent, { kind: "log" }>;

export const OUTCOMES = {
  running: proto.Outcome.OUTCOME_RUNNING,
  succeeded: proto.Outcome.OUTCOME_SUCCEEDED,
  failed: proto.Outcome.OUTCOME_FAILED,
} as const satisfies Record<RunStatus["outcome"], proto.Outcome>;

const STEP_STATES = {
  running: proto.StepState.STEP_STATE_RUNNING,
  done: proto.StepState.STEP_STATE_DONE,
  failed: proto.StepState.STEP_STATE_FAILED,
} as const satisfies Record<StepStatus["state"], proto.StepState>;

const PHASES = {
  waiting: proto.HandOverPhase.PHASE_WAITING,
  "waiting-for-shells": proto.HandOverPhase.PHASE_WAITING_FOR_SHELLS,
  held: proto.HandOverPhase.PHASE_HELD,
  restarting: proto.HandOverPhase.PHASE_RESTARTING,
} as const satisfies Record<HandOverState["phase"], proto.HandOverPhase>;

const SEVERITIES = {
  info: proto.NoticeSeverity.SEVERITY_INFO,
  warning: proto.NoticeSeverity.SEVERITY_WARNING,
} as const satisfies Record<Notice["severity"], proto.NoticeSeverity>;

/** The levels of the log in the order of their weight. */
export const LOG_LEVELS = {
  debug: proto.LogLevel.LOG_LEVEL_DEBUG,
  info: proto.LogLevel.LOG_LEVEL_INFO,
  warn: proto.LogLevel.LOG_LEVEL_WARN,
  error: proto.LogLevel.LOG_LEVEL_ERROR,
} as const satisfies Record<EngineLogLevel, proto.LogLevel>;

/** A snapshot as GetStatus answers it. */
export function toStatus(snapshot: Snapshot): proto.Status {
  const { status, stall, machine } = snapshot;
  return {
    hostname: snapshot.hostname,
    version: snapshot.version,
    startedUnixMs: whole(snapshot.startedUnixMs),
    at: whole(snapshot.at),
    outcome: OUTCOMES[status.outcome],
    message: status.message,
    steps: status.steps.map(toStep),
    ...(stall === undefined ? {} : { stall: { ...stall, since: whole(stall.since) } }),
    ...(status.handOver === undefined ? {} : { handOver: toHandOver(status.handOver) }),
    drives: toDrives(status.plan ?? []),
    interfaces: snapshot.interfaces.map(toInterface),
    sessions: snapshot.sessions.map(({ userName, startedAt, device, peer, protocol }) => ({
      device,
      user: userName,
      peer,
      protocol,
      startedAt: whole(startedAt),
    })),
    machine: { ...machine, drives: machine.drives.map((drive) => ({ ...drive })) },
    notices: status.notices.map(toNotice),
    sequence: snapshot.sequence,
  };
}

function toStep(step: StepStatus): proto.Step {
  const { endedAt, done, total, ratePerSecond, remainingSeconds } = step;
  return {
    id: step.id,
    title: step.title,
    state: STEP_STATES[step.state],
    destructive: step.destructive,
    startedAt: whole(step.startedAt),
    ...(endedAt === undefined ? {} : { endedAt: whole(endedAt) }),
    unit: step.unit ?? "",
    ...(done === undefined ? {} : { done: whole(done) }),
    ...(total === undefined ? {} : { total: whole(total) }),
    ...(ratePerSecond === undefined ? {} : { ratePerSecond }),
    ...(remainingSeconds === undefined ? {} : { remainingSeconds }),
    note: step.note ?? "",
    waitingFor: step.waitingFor ?? "",
    ...(step.error === undefined ? {} : { problem: { ...step.error } }),
  };
}

export function toHandOver({ phase, rebooter, until }: HandOverState): proto.HandOver {
  return { phase: PHASES[phase], rebooter, ...(until === undefined ? {} : { until: whole(until) }) };
}

export function toDrives(plan: DrivesPlan): readonly proto.PlannedDrive[] {
  return plan.map((drive) => ({
    ...drive,
    volumes: drive.volumes.map(({ isEncrypted, ...volume }) => ({ ...volume, encrypted: isEncrypted })),
  }));
}

export function toNotice({ id, severity, text }: Notice): proto.Notice {
  return { id, severity: SEVERITIES[severity], text };
}

function toInterface(facts: InterfaceFacts): proto.NetworkInterface {
  const { name, macAddress, speedBps, mtu, addresses } = facts;
  return {
    name,
    macAddress,
    speedBps,
    mtu,
    addresses,
    up: facts.isUp,
    carrier: facts.hasCarrier,
    physical: facts.isPhysical,
  };
}

/** A log event as StreamLogs and WatchEvents send it. */
export function toLogEntry(sequence: number, event: LogEvent): proto.LogEntry {
  const { at, level, message, stepId = "", fields = {} } = event;
  const texts = Object.entries(fields).map(([name, value]) => [name, textOf(value)] as const);
  return {
    sequence,
    at: whole(at),
    level: LOG_LEVELS[level],
    message,
    stepId,
    fields: Object.fromEntries(texts),
    line: formatLogLine(event),
  };
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? String(value));
}

/** Clocks give fractions of a millisecond; integers on the wire have none. */
export function whole(value: number): number {
  return Math.max(0, Math.round(value));
}
