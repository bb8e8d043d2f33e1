import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { messageChain } from "../../src/core/errors.ts";
import type { StepContext } from "../../src/engine/step.ts";
import {
  configureTargetNetwork,
  type TargetNetworkInput,
} from "../../src/steps/configure-target-network.step.ts";
import {
  type FetchConfigurationInput,
  fetchConfiguration,
} from "../../src/steps/fetch-configuration.step.ts";
import { notifyCompletion } from "../../src/steps/notify-completion.step.ts";
import { runPlugIn } from "../../src/steps/run-plug-in.ts";
import { createDryRunHost } from "../../src/system/dry-run/dry-run-host.ts";
import { createNodeHost } from "../../src/system/node/node-host.ts";
import { FakeRandomPool } from "../support/fake-host.ts";
import { createRecordingLogger } from "../support/recording-logger.ts";

// Real programs run by the real steps. None of them gets a PATH: what a script uses is named in full or built in.

const nodeHost = createNodeHost();
const stop = new AbortController();
let directory: string;
let log: ReturnType<typeof createRecordingLogger>;

beforeAll(() => expect(process.env["PATH"]).toBeDefined());
afterAll(async () => nodeHost[Symbol.asyncDispose]());
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "plug-ins-"));
  log = createRecordingLogger();
});
afterEach(async () => rm(directory, { recursive: true }));

function context(change: Partial<StepContext> = {}): StepContext {
  const host = { ...nodeHost, randomPool: new FakeRandomPool() };
  return { host, log, signal: stop.signal, ...change } as unknown as StepContext;
}

async function script(name: string, body: string): Promise<string> {
  const path = join(directory, name);
  await writeFile(path, `#!/bin/sh\n${body}\n`);
  await chmod(path, 0o755);
  return path;
}

/** Writes its arguments, one a line, and the environment that it got to `report`. */
const REPORT = (report: string): string =>
  `{ for word; do echo "arg $word"; done; while IFS= read -r line; do echo "env $line"; done; } > ${report} <<END
$(/usr/bin/env -u PWD -u _ -u SHLVL -u OLDPWD)
END`;

async function reported(report: string): Promise<readonly string[]> {
  return (await readFile(report, "utf8")).split("\n").filter((line) => line !== "" && line !== "env ");
}

const network = { active: { interfaceName: "eth7" }, interfaces: [], isConfigurationInjected: false };

describe("argv and environment of", () => {
  test("-configurationLoader: directory and interface, nothing else", async () => {
    const report = join(directory, "report");
    const tftpDirectory = join(directory, "tftpdata");
    const program = await script("loader", `echo seed > "$1"/random-seed; ${REPORT(report)}`);
    const options = { configurationLoader: program, tftpDirectory };
    const randomPool = new FakeRandomPool();
    await fetchConfiguration.run(
      { options, network } as unknown as FetchConfigurationInput,
      context({ host: { ...nodeHost, randomPool } }),
    );
    expect(await reported(report)).toEqual([`arg ${tftpDirectory}`, "arg eth7"]);
    expect(log.messages).toContain(`loaded the configuration with: ${program}`);
    // The seed that it left there is used as that of a TFTP server is.
    expect(randomPool.added.map(({ seed }) => seed.toString())).toEqual(["seed\n"]);
  });

  test("-networkConfigurator: directory, mount point, interface, tools root, nothing else", async () => {
    const report = join(directory, "report");
    const options = {
      networkConfigurator: await script("configurator", REPORT(report)),
      tftpDirectory: "/tftpdata",
      mountPoint: "/mnt",
      tmpRoot: "/tmproot",
    };
    await configureTargetNetwork.run({ options, network } as unknown as TargetNetworkInput, context());
    expect(await reported(report)).toEqual(["arg /tftpdata", "arg /mnt", "arg eth7", "arg /tmproot"]);
  });

  test("-completionNotifier: directory and interface, nothing else", async () => {
    const report = join(directory, "report");
    const program = await script("notifier", REPORT(report));
    await notifyCompletion.run({ program, tftpDirectory: "/tftpdata", interfaceName: "eth7" }, context());
    expect(await reported(report)).toEqual(["arg /tftpdata", "arg eth7"]);
  });

  test("-driveSelector: our own environment", async () => {
    const program = await script("selector", 'echo "$PATH"');
    const { stdout } = await runPlugIn(
      { role: "drive selector", program, args: ["sda"], environment: "inherited" },
      context(),
    );
    expect(stdout).toBe(`${process.env["PATH"]}\n`);
  });
});

test("what it says is in the log while it still runs", async () => {
  const fifo = join(directory, "fifo");
  await nodeHost.commands.run({ program: "mkfifo", args: [fifo] }, stop.signal);
  // It waits until the line has been seen.
  const program = await script("talker", `echo one; echo two >&2; read -r answer < ${fifo}; echo "$answer"`);
  const running = notifyCompletion.run({ program, tftpDirectory: "/t", interfaceName: "eth7" }, context());
  await expect
    .poll(() => log.messages)
    .toEqual(expect.arrayContaining([`${program}: one`, `${program}: two`]));
  await writeFile(fifo, "three\n");
  await running;
  expect(log.messages.at(-1)).toBe(`${program}: three`);
});

test("exit code and last words are in the error", async () => {
  const program = await script("broken", 'echo "cannot reach the inventory" >&2; exit 3');
  const failure = notifyCompletion.run({ program, tftpDirectory: "/t", interfaceName: "eth7" }, context());
  await expect(failure).rejects.toMatchObject({ code: "E_PLUG_IN" });
  const text = await failure.catch((error: unknown) => messageChain(error));
  expect(text).toContain(`running the completion notifier ${program}`);
  expect(text).toContain("3");
  expect(text).toContain("cannot reach the inventory");
});

test("a program that is not there, or cannot be executed", async () => {
  const plain = join(directory, "plain");
  await writeFile(plain, "#!/bin/sh\n");
  for (const program of [join(directory, "absent"), plain, directory])
    await expect(
      notifyCompletion.run({ program, tftpDirectory: "/t", interfaceName: "eth7" }, context()),
    ).rejects.toMatchObject({ code: "E_PLUG_IN", cause: { code: "E_COMMAND_NOT_FOUND" } });
});

test("an interruption ends it", async () => {
  const interruption = new AbortController();
  const program = await script("sleeper", "echo started; read -r never < /dev/zero");
  const running = notifyCompletion.run(
    { program, tftpDirectory: "/t", interfaceName: "eth7" },
    context({ signal: interruption.signal }),
  );
  await expect.poll(() => log.messages).toContain(`${program}: started`);
  interruption.abort(new Error("interrupted"));
  await expect(running).rejects.toThrow("interrupted");
});

test("a dry run skips what changes something and runs the drive selector", async () => {
  const host = createDryRunHost(nodeHost, log);
  await mkdir(join(directory, "t"));
  const marker = join(directory, "marker");
  const program = await script("touch", `echo x > ${marker}; echo sdb`);
  await notifyCompletion.run({ program, tftpDirectory: "/t", interfaceName: "eth7" }, context({ host }));
  await expect(readFile(marker)).rejects.toMatchObject({ code: "ENOENT" });
  expect(log.messages).toContain(`dry run: skipping: ${program} /t eth7`);
  const selector = { role: "drive selector", program, args: ["sda"], changesNothing: true };
  expect((await runPlugIn(selector, context({ host }))).stdout).toBe("sdb\n");
});
