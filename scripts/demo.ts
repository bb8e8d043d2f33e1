import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { performance } from "node:perf_hooks";
import { parseArgs } from "node:util";

import {
  buildNetboot,
  configurationFiles,
  IMAGE_NAME,
  type ImageStore,
  makeCredentials,
  publishDebian,
  startImageServer,
  waitForInstallation,
  waitForLogin,
} from "../test/vm/installation.ts";
import { httpGet, LAB_NETWORK, Lab } from "../test/vm/lab.ts";
import type { Machine } from "../test/vm/machine.ts";
import { SerialShell } from "../test/vm/serial-shell.ts";
import { verifyDisk } from "../test/vm/verify-disk.ts";
import { DIST, ROOT } from "./lib/paths.ts";
import { run } from "./lib/run.ts";
import { runScript } from "./lib/script.ts";

const USAGE = `Usage: scripts/demo [options]

Shows the installer at work on this machine, in a network namespace of its own: builds the program, its initramfs and a
Debian 12 image, serves them, switches an empty virtual machine on, lets it install itself, compares its disk with the image
path by path, lets it boot from that disk, and logs in to the result.

Options:
  --memory MIB     memory of the machine (default 2048)
  --encrypt        LUKS for everything but /, which then alone is compared with the image
  --keep           leave the machine running at the end, until Ctrl-C
  --verbose        show everything that the machine's console shows

The console is recorded in dist/demo-console.log. Ctrl-C ends the demonstration at any time and leaves nothing behind.
`;

const OPTIONS = {
  memory: { type: "string", default: "2048" },
  encrypt: { type: "boolean", default: false },
  keep: { type: "boolean", default: false },
  verbose: { type: "boolean", default: false },
  help: { type: "boolean", short: "h", default: false },
} as const;

const INSTALLER = path.join(DIST, "installer");
const STATUS_PORT = 6978;
const STATUS_PAGE_TIMEOUT_MS = 120_000;
const RESTART_TIMEOUT_MS = 60_000;
const LINE_WIDTH = 120;
const GIB = 2 ** 30;
/** A boot drive, and a data drive. */
const DISKS_BYTES = [8 * GIB, 2 * GIB];
/** A line of the installer's log; the kernel's have six decimals. */
const INSTALLER_LINE = /^\[ *\d+\.\d{3}\] /;

/** What the demonstration reads of /api/status. */
interface StatusReport {
  readonly steps: readonly {
    readonly id: string;
    readonly title: string;
    readonly startedAt: number;
    readonly endedAt?: number;
    readonly done?: number;
  }[];
}

const phases: { readonly title: string; readonly seconds: number }[] = [];

async function phase<T>(title: string, work: () => T | Promise<T>): Promise<T> {
  console.log(`\n=== ${title}`);
  const start = performance.now();
  const result = await work();
  phases.push({ title, seconds: (performance.now() - start) / 1000 });
  return result;
}

/** What the installed machine says about itself. */
const QUESTIONS = [
  ["host name", "hostname"],
  ["image", "cat /var/lib/initial-image"],
  ["file-systems", "findmnt --real -n -o TARGET,SOURCE,FSTYPE,SIZE"],
  ["network", "ip -brief -4 address show scope global"],
  ["log of the installation", "wc -l /var/log/installer/log"],
] as const;

async function questionMachine(machine: Machine): Promise<void> {
  const shell = await SerialShell.login(machine.console, "root", "installer");
  for (const [what, command] of QUESTIONS) {
    const answer = await shell.run(command);
    console.log(`${what}:${answer.includes("\n") ? "\n" : " "}${answer}`);
  }
}

async function demonstrate(scratch: string, values: ReturnType<typeof readOptions>): Promise<void> {
  await phase("Build the program (dist/installer)", () => run(path.join(ROOT, "scripts/build"), []));
  const credentials = makeCredentials(scratch);
  const netbootDirectory = await phase("Build the initramfs", () => buildNetboot(scratch, credentials));
  await phase("Make a Debian 12 tree (.cache/debian-tree)", () =>
    console.log(run(path.join(ROOT, "scripts/build-debian-image"), []).trim()),
  );
  const store = await phase("Publish it as an image", () => publishDebian());

  await using lab = await Lab.create({
    netbootDirectory,
    tftpFiles: configurationFiles({ encrypt: values.encrypt }),
  });
  await startImageServer(lab, store, credentials);
  const machine = await lab.startMachine({
    memoryMiB: Number(values.memory),
    disksBytes: DISKS_BYTES,
    pauseAtRestart: true,
    onLine: (line) => {
      if (values.verbose || INSTALLER_LINE.test(line)) console.log(`    ${line}`);
    },
  });
  try {
    await phase("Netboot an empty machine", () => machine.console.waitFor(/^init: ready.*$/m, 180_000));
    const report = await phase("Install", () => watchInstallation(lab, machine));
    await phase("Compare the disk with the image, path by path", async () => {
      await machine.waitForRestart(RESTART_TIMEOUT_MS);
      compareDisk(machine, store, values.encrypt);
    });
    await phase("Restart from the disk", async () => {
      await machine.continueRestart();
      await waitForLogin(machine);
    });
    await phase("Log in and look around", () => questionMachine(machine));
    printSummary(report);
    if (values.keep) await keepRunning(lab);
  } finally {
    mkdirSync(DIST, { recursive: true });
    copyFileSync(machine.consoleLog, path.join(DIST, "demo-console.log"));
    await machine.powerOff();
  }
}

/** Waits for the end of the installation; what the status page says then. */
async function watchInstallation(lab: Lab, machine: Machine): Promise<StatusReport> {
  await machine.console.waitFor(/status page on port/, STATUS_PAGE_TIMEOUT_MS);
  const relay = await lab.relay(LAB_NETWORK.client, STATUS_PORT);
  console.log(
    `    (status page: http://${LAB_NETWORK.client}:${STATUS_PORT}/ in network namespace ${lab.namespace})`,
  );
  await waitForInstallation(machine);
  return JSON.parse(await httpGet(relay, "/api/status"));
}

function compareDisk(machine: Machine, store: ImageStore, isEncrypted: boolean): void {
  const [disk = ""] = machine.disks;
  const mountPoints = isEncrypted ? ["/"] : ["/", "/home", "/var/log"];
  const verdict = verifyDisk(disk, mountPoints, { installer: INSTALLER, store, imageName: IMAGE_NAME });
  console.log(`    ${verdict.summary}`);
  for (const [what, lines] of verdict.expected) {
    console.log(`    written by the installation: ${what}`);
    for (const line of lines) console.log(`        ${line.slice(0, LINE_WIDTH)}`);
  }
  console.log(`    other differences: ${verdict.unexpected.length}`);
  for (const line of verdict.unexpected) console.log(`        ${line}`);
  if (verdict.unexpected.length > 0) throw new Error("the disk is not what was published");
}

function printSummary({ steps }: StatusReport): void {
  console.log("\n=== Summary");
  for (const { title, seconds } of phases) {
    console.log(`${seconds.toFixed(1).padStart(7)} s  ${title}`);
    if (title !== "Install") continue;
    for (const step of steps) {
      const stepSeconds = ((step.endedAt ?? step.startedAt) - step.startedAt) / 1000;
      console.log(`${stepSeconds.toFixed(1).padStart(14)} s  ${step.title}`);
    }
  }
  const all = phases.reduce((sum, { seconds }) => sum + seconds, 0);
  const fetched = steps.find(({ id }) => id === "download-objects")?.done ?? 0;
  console.log(`${all.toFixed(1).padStart(7)} s  in all`);
  console.log(`Bytes fetched: ${fetched} (${(fetched / 2 ** 20).toFixed(0)} MiB)`);
  console.log(`Status page while it ran: http://${LAB_NETWORK.client}:${STATUS_PORT}/ (JSON: /api/status)`);
  console.log(
    "Result: the machine has installed itself, its disk holds what was published, and it boots from it.",
  );
}

async function keepRunning(lab: Lab): Promise<void> {
  console.log(
    `\nThe machine keeps running as ${LAB_NETWORK.client} in its own network; Ctrl-C ends it. For example:`,
  );
  console.log(`  ip netns exec ${lab.namespace} ping ${LAB_NETWORK.client}`);
  console.log(`  ip netns exec ${lab.namespace} ssh root@${LAB_NETWORK.client}`);
  await new Promise(() => setInterval(() => undefined, 2 ** 30));
}

function readOptions() {
  return parseArgs({ options: OPTIONS }).values;
}

async function main(): Promise<void> {
  const values = readOptions();
  if (values.help) {
    process.stdout.write(USAGE);
    return;
  }
  const scratch = mkdtempSync(path.join(tmpdir(), "installer-demo-"));
  // The lab removes itself when the process exits, however that comes about.
  process.once("exit", () => rmSync(scratch, { recursive: true, force: true }));
  for (const [signal, code] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const) {
    process.once(signal, () => process.exit(code));
  }
  await demonstrate(scratch, values);
}

await runScript(main);
