import { describe, expect, it } from "vitest";
import { renderStatus } from "../../../../src/cli/remote/render-status.ts";
import { renderStatusJson } from "../../../../src/cli/remote/status-json.ts";
import type { Status } from "../../../../src/rpc/generated/installer.js";
import { makeStatus, makeStep } from "./fake-machine.ts";

const GIB = 2 ** 30;
const full: Status = makeStatus({
  at: 130_000,
  sequence: 77,
  steps: [
    makeStep({ id: "fix-clock", title: "Fix the clock", state: 2, endedAt: 40 }),
    makeStep({ id: "unpack-image", title: "Unpack the image", startedAt: 100_000, waitingFor: "the kernel" }),
  ],
  stall: { stepId: "unpack-image", since: 110_000, waitingFor: "the kernel" },
  handOver: { phase: 2, rebooter: "kexec" },
  drives: [
    {
      name: "sda",
      model: "Fast One",
      serial: "S1",
      sizeBytes: 100 * GIB,
      role: "boot",
      volumes: [
        {
          number: 1,
          startBytes: 1,
          sizeBytes: GIB,
          type: "ext4",
          label: "rootfs",
          encrypted: false,
          mountPoint: "/",
          purpose: "root",
        },
        {
          number: 2,
          startBytes: 2,
          sizeBytes: 99 * GIB,
          type: "ext4",
          label: "",
          encrypted: true,
          mountPoint: "/data",
          purpose: "data",
        },
      ],
    },
  ],
  interfaces: [
    {
      name: "eno1",
      macAddress: "52:54:00:00:00:01",
      up: true,
      carrier: true,
      speedBps: 10e9,
      mtu: 1500,
      addresses: ["10.0.0.7/24"],
      physical: true,
    },
    {
      name: "eno2",
      macAddress: "52:54:00:00:00:02",
      up: true,
      carrier: false,
      speedBps: 0,
      mtu: 1500,
      addresses: [],
      physical: true,
    },
  ],
  sessions: [
    { device: "/dev/pts/0", user: "", peer: "10.0.0.9:4711", protocol: "srpc", startedAt: 5 },
    { device: "/dev/pts/1", user: "alice", peer: "10.0.0.9:4712", protocol: "grpc", startedAt: 6 },
  ],
  machine: {
    vendor: "Maker",
    model: "Box 9",
    serial: "M1",
    cpu: "Quick CPU",
    cpuCount: 16,
    memoryBytes: 64 * GIB,
    availableMemoryBytes: 60 * GIB,
    firmware: "efi",
    kernel: "6.12",
    drives: [],
  },
  notices: [{ id: "no-credentials", severity: 2, text: "no shell: there is no certificate" }],
});

describe("renderStatus", () => {
  it("shows what is known, sorted by who asks for it", () => {
    expect(renderStatus(full, "10.0.0.7:6978")).toBe(
      `host7 (10.0.0.7:6978): installing for 2m10s
nothing has moved for 20s: waiting for the kernel
the machine starts the new system by kexec when the remote shells are closed
no shell: there is no certificate

machine:
  Maker Box 9, serial M1
  16 x Quick CPU, 64 GiB memory
  efi, kernel 6.12

network:
  eno1 link, 10 Gbit/s, 52:54:00:00:00:01, 10.0.0.7/24
  eno2 no link, 52:54:00:00:00:02

drives:
  sda (boot), 100 GiB, Fast One, serial S1
    partition 1, 1 GiB, ext4, label rootfs, /
    partition 2, 99 GiB, ext4, encrypted, /data

steps:
  done  Fix the clock     40ms
   >>   Unpack the image  waiting for the kernel

remote shells:
  /dev/pts/0, unknown user from 10.0.0.9:4711 by srpc
  /dev/pts/1, alice from 10.0.0.9:4712 by grpc

installer 1.2.3
`,
    );
  });

  it("leaves out what is not known yet", () => {
    expect(renderStatus(makeStatus({ hostname: "", at: 900 }), "[::1]:6978")).toBe(
      "[::1]:6978: installing for 900ms\n\ninstaller 1.2.3\n",
    );
  });

  it("lets nothing from the machine act on the terminal or make lines", () => {
    const hostile = "a\u001b[2J\nb";
    const status = makeStatus({ hostname: hostile, version: hostile, message: hostile, outcome: 3 });
    expect(renderStatus(status, "h").split("\n")).toEqual([
      "a\\x1b[2J b (h): failed after 0s",
      "a\\x1b[2J b",
      "",
      "installer a\\x1b[2J b",
      "",
    ]);
  });
});

describe("renderStatusJson", () => {
  it("has the names of the interface, and words in place of numbers", () => {
    const found = JSON.parse(renderStatusJson(full)) as Record<string, unknown>;
    expect(found).toMatchObject({
      hostname: "host7",
      outcome: "running",
      startedUnixMs: 1_700_000_000_000,
      steps: [
        { id: "fix-clock", state: "done" },
        { id: "unpack-image", state: "running" },
      ],
      handOver: { phase: "waiting-for-shells", rebooter: "kexec" },
      notices: [{ severity: "warning" }],
      machine: { cpuCount: 16 },
      sequence: 77,
    });
  });

  it("names what a newer installer may say", () => {
    const status = makeStatus({ outcome: 9 as Status["outcome"] });
    expect(JSON.parse(renderStatusJson(status))).toMatchObject({ outcome: "unknown-9" });
  });
});
