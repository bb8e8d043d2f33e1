import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { extract } from "tar-stream";
import { describe, expect, test } from "vitest";
import { InstallerError } from "../../../../src/core/errors.ts";
import type { SequencedEvent } from "../../../../src/engine/event-history.ts";
import { createDiagnostics, type DiagnosticsOptions } from "../../../../src/rpc/diagnostics/bundle.ts";
import type { Command, CommandResult } from "../../../../src/system/commands.ts";
import { FakeClock } from "../../../support/fake-host.ts";
import { MemoryFileSystem } from "../../../support/memory-file-system.ts";
import { makeSnapshot } from "../../../support/snapshots.ts";

/** Each stands in one or more places where secrets have been seen. */
const SECRETS = {
  configuration: "hunter2-in-config",
  plain: "hunter2-in-a-line",
  commandLine: "hunter2-in-cmdline",
  argument: "hunter2-in-args",
  url: "hunter2-in-url",
  key: "hunter2InTheKey",
  seed: "hunter2-in-seed",
  token: "hunter2-in-token-file",
  hash: "$6$salt$hunter2inthehash",
} as const;

const CONFIG = {
  Hostname: "node",
  Accounts: [{ UserName: "root", Password: SECRETS.configuration, PasswordHash: SECRETS.hash }],
  Url: `https://user:${SECRETS.url}@config.example/`,
};

function makeFiles(changes: Readonly<Record<string, string>> = {}): MemoryFileSystem {
  return new MemoryFileSystem({
    files: {
      "/tftpdata/config.json": JSON.stringify(CONFIG),
      "/tftpdata/imagename": "stream/2026\n",
      "/tftpdata/plug-in.conf": `mode=fast\npassword=${SECRETS.plain}\n`,
      "/tftpdata/random-seed": SECRETS.seed,
      "/tftpdata/api-token": `${SECRETS.token}\n`,
      "/tftpdata/host.pem": `-----BEGIN PRIVATE KEY-----\n${SECRETS.key}\n-----END PRIVATE KEY-----\n`,
      "/tftpdata/blob": "a\0b",
      "/tftpdata/directory/": "",
      "/logs/2026-11-20:20:42:25": `[1.000] the plug-in says ${SECRETS.configuration} and ${SECRETS.plain}\n`,
      "/logs/2026-11-21:20:42:25": `[2.000] ${SECRETS.token}, ${SECRETS.commandLine}\n-----BEGIN PRIVATE KEY-----\n${SECRETS.key}\n-----END PRIVATE KEY-----\n[3.000] end\n`,
      "/logs/events.jsonl": `{"event":"log","message":"with ${SECRETS.configuration}","fields":{"password":"${SECRETS.plain}"}}\n`,
      "/logs/old-etc.tar.gz": SECRETS.key,
      "/proc/cmdline": `root=LABEL=x luks.key=${SECRETS.commandLine} quiet\n`,
      "/proc/meminfo": "MemTotal: 1 kB\n",
      "/proc/mounts": "none / tmpfs rw 0 0\n",
      "/sys/class/block/sda/size": "2048\n",
      "/sys/class/block/sda/device/model": "ACME\n",
      ...changes,
    },
  });
}

/** Programs: dmesg works, lsblk is not there, ip fails. */
async function runProgram({ program, args }: Command): Promise<CommandResult> {
  if (program === "lsblk") throw new InstallerError("E_COMMAND_NOT_FOUND", "lsblk");
  if (program === "ip") throw new InstallerError("E_COMMAND_FAILED", `ip ${args.join(" ")}: exit code 1`);
  return { exitCode: 0, stdout: `[0.0] Command line: ${SECRETS.commandLine}\n`, stderr: "", durationMs: 1 };
}

function optionsWith(changes: Partial<DiagnosticsOptions> = {}): DiagnosticsOptions {
  const message = `sent ${SECRETS.argument} to ${SECRETS.configuration}`;
  const logged: SequencedEvent = { sequence: 1, event: { kind: "log", at: 1, level: "info", message } };
  return {
    files: makeFiles(),
    commands: { run: runProgram },
    clock: new FakeClock(),
    snapshot: () =>
      makeSnapshot({
        hostname: "../rack 7",
        status: {
          outcome: "failed",
          message: `said ${SECRETS.configuration}`,
          steps: [],
          notices: [],
          plan: [],
        },
      }),
    logEvents: () => [logged],
    logDirectory: "/logs",
    configurationDirectory: "/tftpdata",
    procDirectory: "/proc",
    sysfsDirectory: "/sys",
    args: ["/sbin/installer", "-dryRun", `-apiToken=${SECRETS.argument}`],
    ...changes,
  };
}

async function members(options = optionsWith()): Promise<ReadonlyMap<string, string>> {
  const archive = extract();
  const contents = new Map<string, string>();
  archive.on("entry", (header, stream, next) => {
    void buffer(stream).then((content) => {
      contents.set(header.name, content.toString());
      next();
    });
  });
  await pipeline(Readable.from(createDiagnostics(options)(new AbortController().signal)), archive);
  return contents;
}

describe("a bundle of diagnostics", () => {
  test("has what helps, below one directory", async () => {
    const names = [...(await members()).keys()];
    expect(names.every((name) => name.startsWith("installer-diagnostics-rack7/"))).toBe(true);
    expect(names.map((name) => name.replace("installer-diagnostics-rack7/", ""))).toEqual([
      "configuration/config.json",
      "configuration/imagename",
      "configuration/plug-in.conf",
      "status.json",
      "plan.json",
      "versions.json",
      "log/memory.txt",
      "log/2026-11-20-20-42-25.txt",
      "log/2026-11-21-20-42-25.txt",
      "events.jsonl",
      "dmesg.txt",
      "proc/cmdline",
      "proc/meminfo",
      "proc/mounts",
      "sys/block.txt",
      "errors.txt",
    ]);
  });

  test("no planted secret is anywhere in it", async () => {
    for (const [name, content] of await members())
      for (const [place, secret] of Object.entries(SECRETS))
        expect({ name, place, isThere: content.includes(secret) }).toEqual({ name, place, isThere: false });
  });

  test("what is not secret stays readable", async () => {
    const contents = await members();
    const get = (name: string): string => contents.get(`installer-diagnostics-rack7/${name}`) ?? "";
    expect(JSON.parse(get("configuration/config.json"))).toMatchObject({
      Hostname: "node",
      Accounts: [{ UserName: "root", Password: "[secret]" }],
      Url: "https://[secret]config.example/",
    });
    expect(get("configuration/plug-in.conf")).toBe("mode=fast\npassword=[secret]\n");
    expect(get("log/2026-11-20-20-42-25.txt")).toBe("[1.000] the plug-in says [secret] and [secret]\n");
    expect(get("log/2026-11-21-20-42-25.txt")).toContain("[3.000] end");
    expect(JSON.parse(get("events.jsonl"))).toMatchObject({ event: "log", message: "with [secret]" });
    expect(get("proc/cmdline")).toBe("root=LABEL=x luks.key=[secret] quiet\n");
    expect(get("sys/block.txt")).toBe('sda sectors=2048 removable= model="ACME"\n');
    expect(JSON.parse(get("status.json"))).toMatchObject({ outcome: "failed", message: "said [secret]" });
  });

  test("what could not be had is listed, a program that is not there is not", async () => {
    const errors = (await members()).get("installer-diagnostics-rack7/errors.txt") ?? "";
    expect(errors).toContain("configuration/random-seed (left out: a secret by its name)\n");
    expect(errors).toContain("configuration/blob (left out: not a text file)\n");
    expect(errors).toContain("ip-route.json: ip -d -j route: exit code 1\n");
    expect(errors).not.toContain("lsblk");
  });

  test("a machine of which nothing can be read still gives a bundle", async () => {
    const run = async (): Promise<never> => Promise.reject(new Error("no programs"));
    const contents = await members(optionsWith({ files: new MemoryFileSystem(), commands: { run } }));
    expect([...contents.keys()]).toContain("installer-diagnostics-rack7/status.json");
    expect(contents.get("installer-diagnostics-rack7/errors.txt")).toContain("dmesg.txt: no programs");
  });

  test("long logs keep their ends", async () => {
    const line = `[1.000] ${"x".repeat(1_000)}\n`;
    const files = makeFiles({
      "/logs/2026-11-22:00:00:00": `${line.repeat(12_000)}the end\n`,
    });
    const contents = await members(optionsWith({ files }));
    const log = contents.get("installer-diagnostics-rack7/log/2026-11-22-00-00-00.txt") ?? "";
    expect(log.length).toBeLessThanOrEqual(8 * 2 ** 20);
    expect(log.length).toBeGreaterThan(7 * 2 ** 20);
    expect(log.endsWith("the end\n")).toBe(true);
  });

  test("what does not fit any more is left out and listed", async () => {
    const contents = await members(optionsWith({ limitBytes: 500 }));
    const errors = contents.get("installer-diagnostics-rack7/errors.txt") ?? "";
    expect(errors).toContain("status.json (left out: the bundle is large enough)\n");
    expect([...contents.values()].join("").length - errors.length).toBeLessThanOrEqual(500);
  });

  test("ends when it is cancelled, also while a program hangs", async () => {
    const run = async (_: Command, signal: AbortSignal): Promise<never> =>
      new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => reject(new Error("stopped")));
      });
    const cancelled = new AbortController();
    const bundle = createDiagnostics(optionsWith({ commands: { run } }))(cancelled.signal);
    const read = async (): Promise<void> => {
      for await (const _ of bundle) setTimeout(() => cancelled.abort(new Error("enough")), 100);
    };
    await expect(read()).rejects.toThrow("enough");
  });

  test("a reader that stops ends the work", async () => {
    let started = 0;
    const run = async (_: Command, signal: AbortSignal): Promise<never> => {
      started += 1;
      return new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => reject(new Error("stopped")));
      });
    };
    for await (const _ of createDiagnostics(optionsWith({ commands: { run } }))(new AbortController().signal))
      break;
    expect(started).toBeLessThan(2);
  });
});
