// Made from src/rpc/installer.proto by `npm run proto`; do not edit.
import type { MessageType } from "../grpc/message-type.ts";

export interface GetStatusRequest {
}
export const GetStatusRequest: MessageType<GetStatusRequest>;

/**
 * The state of the machine at one moment. All times are milliseconds since the installer started unless they say
 * otherwise; add `started_unix_ms` for the time of day.
 */
export interface Status {
  /** Name of the machine, as far as it has one yet. */
  readonly hostname: string;
  /** Version of the installer. */
  readonly version: string;
  /** Milliseconds since 1970 at which the installer started, by the clock of the machine. */
  readonly startedUnixMs: number;
  /** When this status was put together. */
  readonly at: number;
  readonly outcome: Outcome;
  /** Why the installation failed; empty otherwise. */
  readonly message: string;
  /** In the order in which they started. */
  readonly steps: readonly Step[];
  /** Set while nothing moves although a step is running. */
  readonly stall?: Stall;
  /** What happens after the installation; absent while it runs. */
  readonly handOver?: HandOver;
  /** What will be done to the drives; empty until it is decided. */
  readonly drives: readonly PlannedDrive[];
  /** Network interfaces of the machine. */
  readonly interfaces: readonly NetworkInterface[];
  /** Open remote shells. */
  readonly sessions: readonly ShellSession[];
  readonly machine?: Machine;
  /** What an operator should know for as long as it holds, such as that shells are closed for lack of certificates. */
  readonly notices: readonly Notice[];
  /** The newest event that this status takes into account; WatchEvents with `after` set to it misses nothing. */
  readonly sequence: number;
}
export const Status: MessageType<Status>;

export type Outcome = (typeof Outcome)[keyof typeof Outcome];
export const Outcome: {
  readonly OUTCOME_UNSPECIFIED: 0;
  readonly OUTCOME_RUNNING: 1;
  readonly OUTCOME_SUCCEEDED: 2;
  readonly OUTCOME_FAILED: 3;
};

export type StepState = (typeof StepState)[keyof typeof StepState];
export const StepState: {
  readonly STEP_STATE_UNSPECIFIED: 0;
  readonly STEP_STATE_RUNNING: 1;
  readonly STEP_STATE_DONE: 2;
  readonly STEP_STATE_FAILED: 3;
};

export interface Step {
  /** Stable name, such as `download-objects`. */
  readonly id: string;
  /** For people, such as `Download the missing objects`. */
  readonly title: string;
  readonly state: StepState;
  /** True when the step changes a drive. */
  readonly destructive: boolean;
  readonly startedAt: number;
  /** Absent while it runs. */
  readonly endedAt?: number;
  /** What it counts: bytes, objects, inodes or files; empty when it does not count. */
  readonly unit: string;
  /** How many of them are done. */
  readonly done?: number;
  /** How many there are; absent when that is unknown. */
  readonly total?: number;
  /** Units a second since it began to count. */
  readonly ratePerSecond?: number;
  /** Estimate; absent while too little is done to tell. */
  readonly remainingSeconds?: number;
  /** Free text beside the figures. */
  readonly note: string;
  /** What it is waiting for now, such as a program that runs or a server that has to answer. */
  readonly waitingFor: string;
  /** Set when it failed. */
  readonly problem?: Problem;
}
export const Step: MessageType<Step>;

export interface Problem {
  /** Stable code, such as E_DRIVE_IN_USE. */
  readonly code: string;
  /** What was attempted, on what, and why it failed. */
  readonly message: string;
  /** What to do about it; may be empty. */
  readonly hint: string;
}
export const Problem: MessageType<Problem>;

export interface Stall {
  /** The step that does not get on. */
  readonly stepId: string;
  /** When something moved last. */
  readonly since: number;
  /** What is being waited for. */
  readonly waitingFor: string;
}
export const Stall: MessageType<Stall>;

export interface HandOver {
  readonly phase: HandOverPhase;
  /** `kexec` or `default` (by firmware). */
  readonly rebooter: string;
  /** When the phase ends by itself; absent when it does not. */
  readonly until?: number;
}
export const HandOver: MessageType<HandOver>;

export type HandOverPhase = (typeof HandOverPhase)[keyof typeof HandOverPhase];
export const HandOverPhase: {
  readonly PHASE_UNSPECIFIED: 0;
  /** A pause, so that people can look. */
  readonly PHASE_WAITING: 1;
  /** Remote shells are still open. */
  readonly PHASE_WAITING_FOR_SHELLS: 2;
  /** Somebody holds the restart back. */
  readonly PHASE_HELD: 3;
  readonly PHASE_RESTARTING: 4;
};

export interface PlannedDrive {
  /** Kernel name, such as `sda`. */
  readonly name: string;
  readonly model: string;
  readonly serial: string;
  readonly sizeBytes: number;
  /** `boot` or `data`. */
  readonly role: string;
  /** In the order of their place on the drive. */
  readonly volumes: readonly PlannedVolume[];
}
export const PlannedDrive: MessageType<PlannedDrive>;

export interface PlannedVolume {
  /** Partition number; 0: the whole drive. */
  readonly number: number;
  readonly startBytes: number;
  readonly sizeBytes: number;
  /** Such as `ext4`; empty for areas without a file-system. */
  readonly type: string;
  readonly label: string;
  readonly encrypted: boolean;
  /** Empty when it is not mounted. */
  readonly mountPoint: string;
  /** What the partition is for, such as `efi-system`. */
  readonly purpose: string;
}
export const PlannedVolume: MessageType<PlannedVolume>;

export interface NetworkInterface {
  readonly name: string;
  readonly macAddress: string;
  /** Set up administratively. */
  readonly up: boolean;
  /** The cable is connected and the other end is alive. */
  readonly carrier: boolean;
  /** In bits a second; 0: unknown. */
  readonly speedBps: number;
  readonly mtu: number;
  /** Each with its prefix length, such as `10.0.0.5/24`. */
  readonly addresses: readonly string[];
  readonly physical: boolean;
}
export const NetworkInterface: MessageType<NetworkInterface>;

export interface ShellSession {
  /** Such as `/dev/pts/3`. */
  readonly device: string;
  /** Empty: unknown. */
  readonly user: string;
  /** Where from, as `address:port`. */
  readonly peer: string;
  /** `srpc` or `grpc`. */
  readonly protocol: string;
  readonly startedAt: number;
}
export const ShellSession: MessageType<ShellSession>;

export interface Machine {
  readonly vendor: string;
  readonly model: string;
  readonly serial: string;
  /** Name of the processor. */
  readonly cpu: string;
  readonly cpuCount: number;
  readonly memoryBytes: number;
  /** Memory that programs can still use. */
  readonly availableMemoryBytes: number;
  /** `efi` or `bios`. */
  readonly firmware: string;
  readonly kernel: string;
  readonly drives: readonly Drive[];
}
export const Machine: MessageType<Machine>;

export interface Drive {
  readonly name: string;
  readonly model: string;
  readonly serial: string;
  readonly sizeBytes: number;
  /** Such as `nvme` or `sata`; empty: unknown. */
  readonly transport: string;
}
export const Drive: MessageType<Drive>;

export interface Notice {
  /** Stable name, such as `no-credentials`. */
  readonly id: string;
  readonly severity: NoticeSeverity;
  readonly text: string;
}
export const Notice: MessageType<Notice>;

export type NoticeSeverity = (typeof NoticeSeverity)[keyof typeof NoticeSeverity];
export const NoticeSeverity: {
  readonly SEVERITY_UNSPECIFIED: 0;
  readonly SEVERITY_INFO: 1;
  readonly SEVERITY_WARNING: 2;
};

export interface WatchEventsRequest {
  /**
   * Only events with a greater sequence number; 0: from the oldest that is still known. An event may be superseded by
   * a newer one of the same kind before it is sent: only the latest progress of a step is kept. A number that was not
   * given yet, because it is of an earlier run, counts as 0.
   */
  readonly after: number;
  /** End the stream when all that is known now has been sent. */
  readonly noFollow: boolean;
}
export const WatchEventsRequest: MessageType<WatchEventsRequest>;

export interface Event {
  /** Counts up from 1, with gaps where events were superseded. */
  readonly sequence: number;
  readonly at: number;
  readonly stepStarted?: StepStarted;
  readonly stepProgress?: StepProgress;
  readonly stepEnded?: StepEnded;
  readonly stepFailed?: StepFailed;
  readonly log?: LogEntry;
  readonly runEnded?: RunEnded;
  readonly stepWaiting?: StepWaiting;
  readonly drivesPlanned?: DrivesPlanned;
  readonly handOver?: HandOver;
  readonly notice?: Notice;
  /** Sent in place of events that were dropped before this call could send them. */
  readonly eventsLost?: EventsLost;
}
export const Event: MessageType<Event>;

export interface StepStarted {
  readonly id: string;
  readonly title: string;
  readonly destructive: boolean;
}
export const StepStarted: MessageType<StepStarted>;

export interface StepProgress {
  readonly id: string;
  readonly done: number;
  readonly total?: number;
  readonly unit: string;
  readonly note: string;
}
export const StepProgress: MessageType<StepProgress>;

export interface StepWaiting {
  readonly id: string;
  /** Empty: no longer waiting. */
  readonly waitingFor: string;
}
export const StepWaiting: MessageType<StepWaiting>;

export interface StepEnded {
  readonly id: string;
  readonly durationMs: number;
}
export const StepEnded: MessageType<StepEnded>;

export interface StepFailed {
  readonly id: string;
  readonly durationMs: number;
  readonly problem?: Problem;
}
export const StepFailed: MessageType<StepFailed>;

export interface RunEnded {
  readonly outcome: Outcome;
  readonly message: string;
}
export const RunEnded: MessageType<RunEnded>;

export interface DrivesPlanned {
  readonly drives: readonly PlannedDrive[];
}
export const DrivesPlanned: MessageType<DrivesPlanned>;

export interface EventsLost {
  readonly count: number;
}
export const EventsLost: MessageType<EventsLost>;

export interface StreamLogsRequest {
  /** Wait for more after the newest entry. */
  readonly follow: boolean;
  readonly minimumLevel: LogLevel;
  /** Only the last so many of what is known; 0: all. */
  readonly last: number;
  /** Only entries after this sequence number. */
  readonly after: number;
}
export const StreamLogsRequest: MessageType<StreamLogsRequest>;

export type LogLevel = (typeof LogLevel)[keyof typeof LogLevel];
export const LogLevel: {
  readonly LOG_LEVEL_UNSPECIFIED: 0;
  readonly LOG_LEVEL_DEBUG: 1;
  readonly LOG_LEVEL_INFO: 2;
  readonly LOG_LEVEL_WARN: 3;
  readonly LOG_LEVEL_ERROR: 4;
};

export interface LogEntry {
  /** Its number among all events. */
  readonly sequence: number;
  readonly at: number;
  readonly level: LogLevel;
  /** Without time stamp and level; may have several lines. */
  readonly message: string;
  /** Values beside the message, as text. */
  readonly fields: Readonly<Record<string, string>>;
  /** The step that said it; empty: the program itself. */
  readonly stepId: string;
  /** The entry as the log file has it: `[  3.224] message name=value`. */
  readonly line: string;
}
export const LogEntry: MessageType<LogEntry>;

export interface ShellInput {
  readonly start?: ShellStart;
  /** As typed. */
  readonly data?: Uint8Array;
  readonly resize?: TerminalSize;
  /** Name of a signal for what runs in the foreground, such as SIGINT. */
  readonly signal?: string;
}
export const ShellInput: MessageType<ShellInput>;

export interface ShellStart {
  readonly size?: TerminalSize;
  /** Value of TERM; default `linux`. */
  readonly terminalType: string;
}
export const ShellStart: MessageType<ShellStart>;

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}
export const TerminalSize: MessageType<TerminalSize>;

export interface ShellOutput {
  readonly started?: ShellStarted;
  /** As shown. */
  readonly data?: Uint8Array;
  readonly ended?: ShellEnded;
}
export const ShellOutput: MessageType<ShellOutput>;

export interface ShellStarted {
  /** Such as `/dev/pts/3`. */
  readonly device: string;
}
export const ShellStarted: MessageType<ShellStarted>;

export interface ShellEnded {
  /** 128 and the number of the signal when a signal ended it. */
  readonly exitCode: number;
}
export const ShellEnded: MessageType<ShellEnded>;

export interface HoldRebootRequest {
}
export const HoldRebootRequest: MessageType<HoldRebootRequest>;

export interface ReleaseRebootRequest {
}
export const ReleaseRebootRequest: MessageType<ReleaseRebootRequest>;

export interface RebootNowRequest {
}
export const RebootNowRequest: MessageType<RebootNowRequest>;

export interface RerunRequest {
}
export const RerunRequest: MessageType<RerunRequest>;

export interface CancelRequest {
}
export const CancelRequest: MessageType<CancelRequest>;

export interface ControlReply {
  /** What was done, for people. */
  readonly message: string;
}
export const ControlReply: MessageType<ControlReply>;

export interface DiagnoseRequest {
}
export const DiagnoseRequest: MessageType<DiagnoseRequest>;

export interface TarChunk {
  readonly data: Uint8Array;
}
export const TarChunk: MessageType<TarChunk>;
