import { describe, expect, test } from "vitest";
import type { InstallerEvent } from "../../../../src/engine/events.ts";
import type { Snapshot } from "../../../../src/engine/snapshot.ts";
import { Event, Status } from "../../../../src/rpc/generated/installer.js";
import { decodeMessage, encodeMessage } from "../../../../src/rpc/grpc/codec.ts";
import { toStatus } from "../../../../src/rpc/grpc/to-proto.ts";
import { toEvent } from "../../../../src/rpc/grpc/to-proto-event.ts";

const VOLUME = {
  number: 1,
  startBytes: 1 << 20,
  sizeBytes: 2 ** 33,
  type: "ext4",
  label: "root",
  mountPoint: "/",
  purpose: "linux",
};
const DRIVE = { name: "sda", model: "M", serial: "S", sizeBytes: 2 ** 42 };

const SNAPSHOT: Snapshot = {
  hostname: "rack7",
  version: "1",
  runtime: "v26",
  startedUnixMs: 1_764_000_000_000.7,
  at: 99.5,
  sequence: 12,
  status: {
    outcome: "failed",
    message: "no drive",
    steps: [
      {
        id: "a",
        title: "A",
        destructive: true,
        state: "failed",
        startedAt: 1.4,
        endedAt: 8.6,
        movedAt: 8.6,
        unit: "bytes",
        done: 5,
        total: 10,
        note: "n",
        ratePerSecond: 1.5,
        remainingSeconds: 2.5,
        error: { code: "E_BUG", message: "m", hint: "h" },
      },
      {
        id: "b",
        title: "B",
        destructive: false,
        state: "running",
        startedAt: 2,
        movedAt: 2,
        waitingFor: "dd",
      },
    ],
    plan: [{ ...DRIVE, role: "boot", volumes: [{ ...VOLUME, isEncrypted: true }] }],
    handOver: { phase: "waiting-for-shells", rebooter: "kexec", until: 60_000.2 },
    notices: [{ id: "no-credentials", severity: "warning", text: "shells are closed" }],
  },
  stall: { stepId: "b", since: 2.2, waitingFor: "dd" },
  interfaces: [
    {
      name: "eth0",
      macAddress: "m",
      isUp: true,
      hasCarrier: false,
      speedBps: 1e11,
      mtu: 1500,
      addresses: ["10.0.0.5/24", "fe80::1/64"],
      isPhysical: true,
    },
  ],
  sessions: [
    { device: "/dev/pts/3", userName: "alice", peer: "10.0.0.9:5", protocol: "srpc", startedAt: 7.7 },
  ],
  machine: {
    vendor: "V",
    model: "M",
    serial: "S",
    cpu: "C",
    cpuCount: 4,
    memoryBytes: 2 ** 40,
    availableMemoryBytes: 2 ** 39,
    firmware: "bios",
    kernel: "6.1",
    drives: [{ ...DRIVE, transport: "nvme" }],
  },
  process: { memoryBytes: 1, cpuUserSeconds: 1, cpuSystemSeconds: 1 },
};

test("a snapshot arrives with everything that the service shows", () => {
  const status = toStatus(SNAPSHOT);
  expect(decodeMessage(Status, encodeMessage(Status, status))).toEqual(status);
  expect(status).toEqual({
    hostname: "rack7",
    version: "1",
    startedUnixMs: 1_764_000_000_001,
    at: 100,
    outcome: 3,
    message: "no drive",
    steps: [
      {
        id: "a",
        title: "A",
        state: 3,
        destructive: true,
        startedAt: 1,
        endedAt: 9,
        unit: "bytes",
        done: 5,
        total: 10,
        ratePerSecond: 1.5,
        remainingSeconds: 2.5,
        note: "n",
        waitingFor: "",
        problem: { code: "E_BUG", message: "m", hint: "h" },
      },
      {
        id: "b",
        title: "B",
        state: 1,
        destructive: false,
        startedAt: 2,
        unit: "",
        note: "",
        waitingFor: "dd",
      },
    ],
    stall: { stepId: "b", since: 2, waitingFor: "dd" },
    handOver: { phase: 2, rebooter: "kexec", until: 60_000 },
    drives: [{ ...DRIVE, role: "boot", volumes: [{ ...VOLUME, encrypted: true }] }],
    interfaces: [
      {
        name: "eth0",
        macAddress: "m",
        up: true,
        carrier: false,
        speedBps: 1e11,
        mtu: 1500,
        addresses: ["10.0.0.5/24", "fe80::1/64"],
        physical: true,
      },
    ],
    sessions: [{ device: "/dev/pts/3", user: "alice", peer: "10.0.0.9:5", protocol: "srpc", startedAt: 8 }],
    machine: {
      vendor: "V",
      model: "M",
      serial: "S",
      cpu: "C",
      cpuCount: 4,
      memoryBytes: 2 ** 40,
      availableMemoryBytes: 2 ** 39,
      firmware: "bios",
      kernel: "6.1",
      drives: [{ ...DRIVE, transport: "nvme" }],
    },
    notices: [{ id: "no-credentials", severity: 2, text: "shells are closed" }],
    sequence: 12,
  });
});

describe("an event arrives as its kind", () => {
  const cases: readonly (readonly [InstallerEvent, object])[] = [
    [
      { kind: "step-started", at: 1, id: "a", title: "A", destructive: true },
      { stepStarted: { id: "a", title: "A", destructive: true } },
    ],
    [
      { kind: "step-progress", at: 1, id: "a", done: 5, total: 9, unit: "inodes" },
      { stepProgress: { id: "a", done: 5, total: 9, unit: "inodes", note: "" } },
    ],
    [
      { kind: "step-progress", at: 1, id: "a", done: 5, unit: "files", note: "n" },
      { stepProgress: { id: "a", done: 5, unit: "files", note: "n" } },
    ],
    [{ kind: "step-waiting", at: 1, id: "a", waitingFor: "" }, { stepWaiting: { id: "a", waitingFor: "" } }],
    [{ kind: "step-ended", at: 1, id: "a", durationMs: 5.6 }, { stepEnded: { id: "a", durationMs: 6 } }],
    [
      { kind: "step-failed", at: 1, id: "a", durationMs: 5, code: "E_BUG", message: "m", hint: "h" },
      { stepFailed: { id: "a", durationMs: 5, problem: { code: "E_BUG", message: "m", hint: "h" } } },
    ],
    [
      { kind: "log", at: 1, level: "warn", message: "m" },
      { log: { sequence: 7, at: 1, level: 3, message: "m", fields: {}, stepId: "", line: "[  0.001] m" } },
    ],
    [
      { kind: "run-ended", at: 1, outcome: "succeeded", message: "" },
      { runEnded: { outcome: 2, message: "" } },
    ],
    [
      {
        kind: "drives-planned",
        at: 1,
        plan: [{ ...DRIVE, role: "data", volumes: [{ ...VOLUME, isEncrypted: false }] }],
      },
      { drivesPlanned: { drives: [{ ...DRIVE, role: "data", volumes: [{ ...VOLUME, encrypted: false }] }] } },
    ],
    [
      { kind: "hand-over", at: 1, state: { phase: "held", rebooter: "default" } },
      { handOver: { phase: 3, rebooter: "default" } },
    ],
    [
      { kind: "notice", at: 1, notice: { id: "i", severity: "info", text: "" } },
      { notice: { id: "i", severity: 1, text: "" } },
    ],
  ];
  test.each(cases)("%o", (event, payload) => {
    const message = toEvent({ sequence: 7, event });
    expect(message).toEqual({ sequence: 7, at: 1, ...payload });
    expect(decodeMessage(Event, encodeMessage(Event, message))).toEqual(message);
  });
});
