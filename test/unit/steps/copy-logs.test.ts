import { expect, test } from "vitest";
import type { StepContext } from "../../../src/engine/step.ts";
import { copyLogs } from "../../../src/steps/copy-logs.step.ts";
import { createFakeHost, type FakeHost } from "../../support/fake-host.ts";
import { createRecordingLogger } from "../../support/recording-logger.ts";
import { silentProgress } from "../../support/silent-progress.ts";

async function copy(host: FakeHost, log: string | undefined): Promise<void> {
  const context: StepContext = {
    host,
    log: createRecordingLogger(),
    progress: silentProgress,
    signal: new AbortController().signal,
    cleanup: new AsyncDisposableStack(),
  };
  await copyLogs.run({ mountPoint: "/mnt", syncLog: async () => log }, context);
}

test("the log and the archive of the old /etc reach the new system, the archive readable by root alone", async () => {
  const host = createFakeHost({
    files: {
      "/mnt/var/log/installer/log": "of the image",
      "/var/log/installer/latest": "log",
      "/var/log/installer/old-etc.tar.gz": "archive",
    },
  });
  await host.files.changeMode("/var/log/installer/old-etc.tar.gz", 0o644);
  await copy(host, "/var/log/installer/latest");
  const directory = "/mnt/var/log/installer";
  expect(await host.files.readText(`${directory}/log`)).toBe("log");
  expect((await host.files.stat(`${directory}/log`)).permissions).toBe(0o644);
  expect(await host.files.readText(`${directory}/old-etc.tar.gz`)).toBe("archive");
  expect((await host.files.stat(`${directory}/old-etc.tar.gz`)).permissions).toBe(0o600);
});

test("a link that the image has in place of a log is replaced, not followed", async () => {
  const host = createFakeHost({
    files: {
      "/mnt/var/log/installer/": "",
      "/log": "log",
      "/etc/precious": "x",
      "/var/log/installer/old-etc.tar.gz": "a",
    },
  });
  for (const name of ["log", "old-etc.tar.gz"])
    await host.files.makeSymlink("/etc/precious", `/mnt/var/log/installer/${name}`);
  await copy(host, "/log");
  expect(await host.files.readText("/etc/precious")).toBe("x");
  expect((await host.files.lstat("/mnt/var/log/installer/old-etc.tar.gz")).type).toBe("file");
});

test("without a log and without an old system nothing is copied", async () => {
  const host = createFakeHost({ files: { "/mnt/var/log/installer/": "" } });
  await copy(host, undefined);
  expect(await host.files.readDirectoryText("/mnt/var/log/installer")).toEqual([]);
});
