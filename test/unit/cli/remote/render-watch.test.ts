import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { renderWatch, type WatchView } from "../../../../src/cli/remote/render-watch.ts";
import type { Status } from "../../../../src/rpc/generated/installer.js";
import { makeEntry, makeStatus, makeStep } from "./fake-machine.ts";

const MIB = 2 ** 20;
const done = makeStep({ id: "a", title: "Fetch the configuration", state: 2, endedAt: 1234 });
const download = makeStep({
  id: "b",
  title: "Download the missing objects",
  startedAt: 2000,
  unit: "bytes",
  done: 100 * MIB,
  total: 400 * MIB,
  ratePerSecond: 10 * MIB,
  remainingSeconds: 30,
});

function view(given: Partial<Status> = {}, change: Partial<WatchView> = {}): WatchView {
  return {
    address: "10.0.0.7:6978",
    status: makeStatus({ at: 12_000, ...given }),
    logs: [],
    ageMs: 0,
    ...change,
  };
}

const text = (shown: WatchView, columns: number, rows: number): readonly string[] =>
  renderWatch(shown, { columns, rows }).map((line) => line.text.trimEnd());

describe("renderWatch", () => {
  it("shows steps above the log, and what may be typed at the bottom", () => {
    const logs = [makeEntry(1, "got image: debian/1"), makeEntry(2, "downloading 434 MiB")];
    expect(text(view({ steps: [done, download] }, { logs }), 100, 12)).toEqual([
      "host7 (10.0.0.7:6978): installing for 12s",
      "done  Fetch the configuration       1.23s",
      " 25%  Download the missing objects  [===>           ]  100 MiB of 400 MiB (25 %), 10 MiB/s, 30s left",
      "",
      "[  0.001] got image: debian/1",
      "[  0.002] downloading 434 MiB",
      "",
      "",
      "",
      "",
      "",
      "q: leave, the installation goes on",
    ]);
  });

  it("leaves the bar out where it would cost the figures", () => {
    expect(text(view({ steps: [download] }), 71, 5)[1]).toBe(
      " 25%  Download the missing objects  100 MiB of 400 MiB (25 %), 10 MiB/s",
    );
  });

  it("counts on between two answers", () => {
    const running = makeStep({ title: "Unpack the image", startedAt: 2000 });
    const lines = text(view({ steps: [running] }, { ageMs: 7000 }), 80, 6);
    expect(lines.slice(0, 2)).toEqual([
      "host7 (10.0.0.7:6978): installing for 19s",
      " >>   Unpack the image  17s",
    ]);
  });

  it("makes one line of the steps for which there is no room", () => {
    const steps = Array.from({ length: 20 }, (_, index) =>
      makeStep({ title: `Step ${index}`, state: 2, endedAt: 1 }),
    );
    const lines = text(view({ steps }), 80, 9);
    expect(lines).toHaveLength(9);
    expect(lines.slice(1, 3)).toEqual([" ...  14 earlier steps", "done  Step 14  1ms"]);
    expect(lines.at(-2)).toBe("done  Step 19  1ms");
  });

  it("shows a stall, and how long it has lasted by now", () => {
    const stall = { stepId: "b", since: 0, waitingFor: "mkfs.ext4 /dev/sda2" };
    expect(text(view({ stall, steps: [download] }, { ageMs: 11_000 }), 80, 8)[1]).toBe(
      "nothing has moved for 23s: waiting for mkfs.ext4 /dev/sda2",
    );
  });

  it("shows a failure with what to do, however long, before anything else", () => {
    const problem = { code: "E_NO_SPACE", message: "", hint: "use a larger drive, or a smaller image" };
    const message = "error installing: unpacking the image: no space left on device";
    const steps = [{ ...download, state: 3 as const, endedAt: 9000, problem }];
    expect(text(view({ outcome: 3, message, steps }), 40, 12)).toEqual([
      "host7 (10.0.0.7:6978): failed after 9s",
      "error installing: unpacking the image:",
      "no space left on device",
      "hint: use a larger drive, or a smaller",
      "image",
      "code: E_NO_SPACE",
      "FAIL  Download the missing objects  7s",
      "",
      "",
      "",
      "",
      "q: leave, the installation goes on",
    ]);
  });

  it.each([
    [{ phase: 1, rebooter: "default", until: 282_000 }, "the machine restarts in 4m30s"],
    [{ phase: 1, rebooter: "kexec", until: 13_000 }, "the machine starts the new system by kexec in 1s"],
    [
      { phase: 2, rebooter: "default", until: 132_000 },
      "the machine restarts when the remote shells are closed, at the latest in 2m0s",
    ],
    [
      { phase: 3, rebooter: "default" },
      "the restart is held back; `installer control HOST release` lets it go on",
    ],
    [{ phase: 4, rebooter: "kexec" }, "the machine starts the new system by kexec now"],
  ] as const)("tells what happens after the installation: %j", (handOver, expected) => {
    expect(text(view({ outcome: 2, handOver }), 80, 8)[1]).toBe(expected);
  });

  it("tells that there is no connection, and keeps what is known", () => {
    const lines = text(
      view({ steps: [done] }, { waiting: "connecting to host7:6978: no route to host" }),
      80,
      8,
    );
    expect(lines.slice(0, 3)).toEqual([
      "host7 (10.0.0.7:6978): installing for 12s",
      "no connection: connecting to host7:6978: no route to host",
      "done  Fetch the configuration  1.23s",
    ]);
    const unseen: WatchView = { address: "host7:6978", status: undefined, logs: [], ageMs: 0 };
    expect(text(unseen, 80, 8)[0]).toBe("host7:6978: waiting for the machine");
  });

  it("shows open shells and notices", () => {
    const session = {
      device: "/dev/pts/0",
      user: "alice",
      peer: "10.0.0.9:4711",
      protocol: "grpc",
      startedAt: 1,
    };
    const notice = { id: "no-credentials", severity: 2 as const, text: "no shell: there is no certificate" };
    const lines = text(view({ sessions: [session, session], notices: [notice] }), 80, 8);
    expect(lines[1]).toBe("no shell: there is no certificate");
    expect(lines.at(-1)).toBe("q: leave, the installation goes on | 2 remote shells open");
  });

  it("lets nothing from the machine act on the terminal", () => {
    const hostile = "\u001b[2J\u009b0m";
    const shown = view(
      {
        hostname: hostile,
        steps: [makeStep({ title: hostile, note: hostile, waitingFor: hostile })],
        stall: { stepId: "x", since: 0, waitingFor: hostile },
        notices: [{ id: "x", severity: 1, text: hostile }],
      },
      { logs: [makeEntry(1, hostile)] },
    );
    expect(text(shown, 80, 24).join("")).not.toMatch(/\p{Cc}/u);
  });

  it("shows figures that make no sense as nothing rather than failing", () => {
    const figures = {
      done: Number.NaN,
      total: -5,
      ratePerSecond: Number.POSITIVE_INFINITY,
      remainingSeconds: -1,
    };
    const steps = [
      makeStep({ title: "Odd", unit: "bytes", ...figures }),
      makeStep({ title: "Old", startedAt: 1e20 }),
    ];
    expect(text(view({ at: Number.NaN, steps }), 80, 8).slice(1, 3)).toEqual([
      " >>   Odd  0s",
      " >>   Old  0s",
    ]);
  });

  it("never has more lines than the window, nor longer ones", () => {
    const steps = Array.from({ length: 30 }, (_, index) => ({
      ...download,
      title: `Step ${"x".repeat(index * 3)}`,
    }));
    const logs = Array.from({ length: 50 }, (_, index) =>
      makeEntry(index, `line ${"y".repeat(index * 5)}\nmore`),
    );
    const stall = { stepId: "b", since: 0, waitingFor: "z".repeat(300) };
    fc.assert(
      fc.property(fc.nat(200), fc.nat(80), fc.nat(30), fc.nat(50), (columns, rows, stepCount, logCount) => {
        const shown = view({ steps: steps.slice(0, stepCount), stall }, { logs: logs.slice(0, logCount) });
        const lines = renderWatch(shown, { columns, rows });
        expect(lines.length).toBeLessThanOrEqual(Math.max(1, rows));
        for (const line of lines) expect(line.text.length).toBeLessThanOrEqual(columns);
      }),
    );
  });
});
