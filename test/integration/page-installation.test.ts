import type { Browser, Page } from "puppeteer-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { describePlan } from "../../src/cli/daemon/describe-plan.ts";
import { parseStorageLayout } from "../../src/config/storage-layout.ts";
import { messageChain } from "../../src/core/errors.ts";
import { createRunner } from "../../src/engine/runner.ts";
import { installTargetBootLoader } from "../../src/steps/install-boot-loader.step.ts";
import { planTarget } from "../../src/steps/plan-storage.step.ts";
import { prepareTargetDrives } from "../../src/steps/prepare-drives.step.ts";
import { proveDrivesIdle } from "../../src/steps/prove-drives-idle.step.ts";
import { releaseTargetDrives } from "../../src/steps/release-drives.step.ts";
import { unmountNewSystem } from "../../src/steps/unmount-target.step.ts";
import { unpackTarget } from "../../src/steps/unpack-target.step.ts";
import { writeSystemFiles } from "../../src/steps/write-system-files.step.ts";
import type { Drive } from "../../src/storage/drives/drives.ts";
import type { CommandRunner } from "../../src/system/commands.ts";
import type { Host } from "../../src/system/host.ts";
import { createNodeHost } from "../../src/system/node/node-host.ts";
import { openBrowser, watchForTrouble } from "../support/chromium.ts";
import { startPageServer } from "../support/page-server.ts";
import { ScriptedRun } from "../support/scripted-run.ts";
import { FaultyCommands } from "./support/faulty-commands.ts";
import { InstallationBench } from "./support/installation-bench.ts";
import { LoopDrive } from "./support/loop-drive.ts";

// The status page in a real browser while the real steps install a Debian on a loop device. Takes the Debian package
// chromium and scripts/build-debian-image.

const MIB = 2 ** 20;
/** Faster than in life: these drives are small. */
const TICK_MS = 250;
const LAYOUT = {
  BootDriveLayout: [
    { MountPoint: "/", MinimumFreeBytes: 128 * MIB },
    { FileSystemType: "swap", MinimumBytes: 16 * MIB },
  ],
  ExtraMountPointsBasename: "/data/",
};

let browser: Browser;
let bench: InstallationBench;
let host: Host & AsyncDisposable;

beforeAll(async () => {
  browser = await openBrowser();
  bench = await InstallationBench.create();
  host = createNodeHost();
});
afterAll(async () => {
  await host[Symbol.asyncDispose]();
  await bench[Symbol.asyncDispose]();
  await browser.close();
});

/** The part of an installation that changes drives, by the daemon's runner, whose events `run` takes. Never rejects. */
async function install(run: ScriptedRun, drive: Drive, commands: CommandRunner): Promise<void> {
  const { options, image, cache } = bench;
  const signal = new AbortController().signal;
  await using cleanup = new AsyncDisposableStack();
  const step = createRunner({
    host: { ...host, commands },
    events: run.events,
    debugLevel: 0,
    signal,
    cleanup,
  });
  try {
    const layout = parseStorageLayout("storage-layout.json", JSON.stringify(LAYOUT)).value;
    const target = await step(planTarget, { options, layout, drives: [drive], image, firmware: "bios" });
    const plan = target.storage;
    run.publish("drives-planned", { plan: describePlan(plan) });
    await step(releaseTargetDrives, { options, plan });
    await step(proveDrivesIdle, { options, plan });
    const discardedDrives = await step(prepareTargetDrives, { options, plan });
    await step(unpackTarget, { options, plan, image, cache });
    await step(writeSystemFiles, { options, plan, imageName: image.name, discardedDrives });
    await step(installTargetBootLoader, { options, target, useKexec: false });
    await step(unmountNewSystem, { options, plan });
    run.publish("run-ended", { outcome: "succeeded", message: "" });
  } catch (error) {
    run.publish("run-ended", { outcome: "failed", message: `error installing: ${messageChain(error)}` });
  }
}

/** Notes in the page every share of the whole that it shows. */
async function recordShares(page: Page): Promise<void> {
  await page.evaluate(`{
    const share = () => Number.parseInt(document.querySelector(".share").textContent, 10);
    window.shares = [share()];
    const record = () => { if (share() !== window.shares.at(-1)) window.shares.push(share()); };
    const observer = new MutationObserver(record);
    observer.observe(document.getElementById("summary"), { subtree: true, childList: true, characterData: true });
  }`);
}

const textOf = async (page: Page, selector: string): Promise<string> =>
  String(await page.evaluate(`document.querySelector(${JSON.stringify(selector)}).innerText`));

describe("the status page during an installation on a loop device", () => {
  test("shows progress moving, every step, the plan, and at last that the machine is installed", async () => {
    using drive = new LoopDrive("boot", 1024 * MIB);
    const run = new ScriptedRun({ now: () => host.clock.monotonicMs() });
    await using server = await startPageServer({ source: run, tickMs: TICK_MS });
    await using page = await browser.newPage();
    const trouble = watchForTrouble(page, server.url);
    await page.goto(server.url);
    await recordShares(page);
    await install(run, drive.drive, bench.commands);
    await page.waitForFunction('document.querySelector(".outcome").innerText.includes("Installed")');

    const shares = (await page.evaluate("window.shares")) as readonly number[];
    expect(shares).toEqual(shares.toSorted((left, right) => left - right));
    expect(shares.length).toBeGreaterThan(3);
    expect(shares.at(-1)).toBe(100);
    const steps = await textOf(page, "#steps");
    for (const title of ["Partition and format the drives", "Unpack the image", "Install the boot loader"])
      expect(steps).toMatch(new RegExp(`${title}.*?\\bdone\\b`, "s"));
    expect(steps).not.toMatch(/\b(running|failed|stalled)\b/);
    expect(await textOf(page, "#drives")).toMatch(/1\.07 GB.*swap.*\/data\/0/s);
    expect(await textOf(page, "#log")).toContain("installed GRUB in ");
    expect(trouble).toEqual([]);
  });

  test("shows the error and what to do when a program fails", async () => {
    using drive = new LoopDrive("boot", 1024 * MIB);
    const run = new ScriptedRun({ now: () => host.clock.monotonicMs() });
    await using server = await startPageServer({ source: run, tickMs: TICK_MS });
    await using page = await browser.newPage();
    const trouble = watchForTrouble(page, server.url);
    await page.goto(server.url);
    const fault = { command: "mkswap", moment: "before" } as const;
    await install(run, drive.drive, new FaultyCommands(bench.commands, ({ program }) => program, fault));
    await page.waitForFunction('document.querySelector(".outcome").innerText.includes("failed")');
    const failure = await textOf(page, "#failure");
    expect(failure).toContain("“Partition and format the drives” failed");
    expect(failure).toMatch(/running mkswap.*injected/s);
    expect(failure).toMatch(/E_MAKE_FILE_SYSTEM.*What to do\s+Look at the kernel log/s);
    expect(trouble).toEqual([]);
  });
});
