import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import type { Page } from "puppeteer-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { openBrowser, watchForTrouble } from "../support/chromium.ts";
import { run as runProgram } from "../support/scratch.ts";
import { IMAGE_NAME } from "./installation.ts";
import type { Lab } from "./lab.ts";
import type { Machine } from "./machine.ts";
import { type Ended, Operator, openForBrowser, type Running } from "./operator.ts";
import { startInstallation } from "./start-installation.ts";

const GIB = 2 ** 30;
const SET_UP_TIMEOUT_MS = 1_500_000;
const SCREENSHOTS = path.resolve(import.meta.dirname, "../../.cache/screenshots");
/** Certificates that are of nobody. */
const NOBODY = "/nonexistent";

/** The text of a part of the page, as a person sees it now. */
async function textOf(page: Page, selector: string): Promise<string> {
  return page.$eval(selector, (element) => (element as unknown as { readonly innerText: string }).innerText);
}

/**
 * One machine: its first installation fails for a mistake in its configuration, operators look and mend it, start the
 * installer anew, watch it finish, and hold the restart back for a while. Nobody loads the page a second time.
 */
describe("a machine that is watched and steered from outside", () => {
  const cleanup = new AsyncDisposableStack();
  let lab: Lab;
  let machine: Machine;
  let page: Page;
  let trouble: readonly string[];
  let watching: Running;
  const ended: Record<string, Ended> = {};
  let bundle: readonly string[] = [];
  let bundleText = "";
  let failure = "";
  const shares: number[] = [];
  const notReady: number[] = [];
  let summaryAtEnd = "";
  let noticesWhileHeld = "";
  let afterRelease = "";

  beforeAll(async () => {
    const started = await startInstallation(cleanup, {
      name: "operations",
      machine: { disksBytes: [8 * GIB], pauseAtRestart: true },
      imageName: "nowhere/mistyped",
    });
    ({ lab, machine } = started);
    const operator = new Operator(lab, started.credentials.operatorDirectory);
    const guest = new Operator(lab, started.credentials.guestDirectory);
    const nobody = new Operator(lab, NOBODY);

    // The machine has not even booted yet.
    const early = operator.start("logs", ["-f"]);
    await machine.console.waitFor(/error installing: .*nowhere\/mistyped.*\n/, 300_000);
    const url = await openForBrowser(lab, cleanup);
    const browser = await openBrowser();
    cleanup.defer(async () => browser.close());
    page = await browser.newPage();
    await page.setViewport({ width: 1280, height: 900 });
    trouble = watchForTrouble(page, url);
    await page.goto(url, { waitUntil: "domcontentloaded" });
    failure = await textOf(page, "#failure");
    mkdirSync(SCREENSHOTS, { recursive: true });
    await page.screenshot({ path: path.join(SCREENSHOTS, "machine-failed.png"), fullPage: true });

    ended["status"] = await operator.run("status", ["-json"]);
    ended["shell"] = await operator.run("shell", [], "echo sum=$((40+2)); tty; exit 7\n");
    ended["guest's shell"] = await guest.run("shell", [], "echo in\n");
    ended["nobody's shell"] = await nobody.run("shell", [], "echo in\n");
    ended["guest's control"] = await guest.run("control", ["rerun"]);
    const file = path.join(lab.directory, "bundle.tar");
    ended["diagnose"] = await operator.run("diagnose", ["-o", file]);
    bundle = runProgram("tar", ["-tf", file]).trimEnd().split("\n");
    bundleText = readFileSync(file, "latin1");

    writeFileSync(path.join(lab.directory, "tftp/imagename"), `${IMAGE_NAME}\n`);
    ended["rerun"] = await operator.run("control", ["rerun"]);
    await machine.console.waitFor(/installer started /, 120_000);
    watching = operator.start("watch", ["-plain"]);
    ended["hold"] = await operator.run("control", ["hold", "-wait", "60s"]);
    const isOver = machine.console.waitFor(/before rebooting with \w+ rebooter/, 1_200_000);
    const sampling = new AbortController();
    const sampler = sample(url, sampling.signal);
    await isOver;
    sampling.abort();
    await sampler;
    await page.waitForFunction(
      "document.querySelector('#summary .outcome').textContent.includes('Installed')",
      { timeout: 30_000 },
    );
    summaryAtEnd = await textOf(page, "#summary");
    noticesWhileHeld = await textOf(page, "#notices");
    await page.screenshot({ path: path.join(SCREENSHOTS, "machine-installed.png"), fullPage: true });
    ended["watch"] = await watching.ended;
    await machine.console.waitFor(/reboot blocked, waiting for SIGCONT/, 60_000);
    ended["readiness"] = {
      exitCode: (await fetch(`${url}/readiness`)).status,
      stdout: "",
      stderr: "",
    };
    ended["release"] = await operator.run("control", ["release"]);
    await machine.waitForRestart(60_000);
    afterRelease = "restarted";
    ended["logs"] = { exitCode: null, stdout: early.stdout(), stderr: "" };
  }, SET_UP_TIMEOUT_MS);

  /** What the open page shows from now on, once a second. It loads itself anew when it meets another run of the installer. */
  async function sample(url: string, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const share = await page
        .$eval("#summary [role=progressbar]", (bar) =>
          (bar as unknown as { getAttribute(name: string): string }).getAttribute("aria-valuenow"),
        )
        .catch((error: unknown) => {
          if (!/context was destroyed/i.test(String(error))) throw error;
          return undefined;
        });
      if (share !== undefined) shares.push(Number(share));
      notReady.push((await fetch(`${url}/readiness`).catch(() => ({ status: 0 }))).status);
      if (shares.length === 30)
        await page.screenshot({ path: path.join(SCREENSHOTS, "machine-installing.png"), fullPage: true });
      await sleep(1000);
    }
  }

  afterAll(() => cleanup.disposeAsync());

  it("shows what failed, on what, and what to do about it", () => {
    expect(failure).toContain("nowhere/mistyped");
    expect(failure).toContain("E_IMAGE_NOT_FOUND");
    expect(failure).toMatch(/what to do/i);
    expect(failure).toContain("installer list-images");
  });

  it("tells programs the same, with an exit code of its own", () => {
    expect(ended["status"]?.exitCode).toBe(6);
    const status = JSON.parse(ended["status"]?.stdout ?? "");
    expect(status).toMatchObject({ hostname: "newborn", outcome: "failed" });
  });

  it("gives a shell to whoever has the grant, and passes its exit code on", () => {
    expect(ended["shell"]?.stdout).toContain("sum=42");
    expect(ended["shell"]?.stdout).toMatch(/\/dev\/pts\/\d/);
    expect(ended["shell"]?.exitCode).toBe(7);
  });

  it.each(["guest's shell", "nobody's shell", "guest's control"])("refuses the %s", (attempt) => {
    expect(ended[attempt]?.exitCode).toBe(4);
    expect(ended[attempt]?.stdout).not.toContain("in\r\n");
  });

  it("packs what is needed to find the cause, and no key", () => {
    expect(ended["diagnose"]?.exitCode).toBe(0);
    for (const name of [/status\.json$/, /dmesg/, /config\.json$/, /log/])
      expect(bundle.find((entry) => name.test(entry))).toBeDefined();
    expect(bundleText).not.toContain("PRIVATE KEY");
  });

  it("starts anew after the mistake is mended, and the page that was open all the time follows", () => {
    expect(ended["rerun"]).toMatchObject({ exitCode: 0 });
    const distinct = new Set(shares);
    // The installation takes more than a minute; each sample of a page that stands still would be the same.
    expect(distinct.size).toBeGreaterThan(10);
    expect(Math.max(...shares)).toBeGreaterThan(80);
    expect(summaryAtEnd).toContain("Installed");
    expect(trouble.filter((text) => !/ERR_|net::|Failed to load|EventSource/.test(text))).toEqual([]);
  });

  it("is not ready before it is installed, and ready then", () => {
    expect(new Set(notReady)).not.toContain(200);
    expect(ended["readiness"]?.exitCode).toBe(200);
  });

  it("shows those who watch by the command how it goes, to the end", () => {
    expect(ended["watch"]?.exitCode).toBe(0);
    expect(ended["watch"]?.stdout).toMatch(/Unpack the image/);
  });

  it("streams the log from the first second, across the new start", () => {
    const log = ended["logs"]?.stdout ?? "";
    expect(log).toContain("nowhere/mistyped");
    expect(log).toContain("installation complete");
    expect(log.match(/installer started /g)?.length).toBe(2);
  });

  it("does not restart while an operator holds it, and does when it is released", () => {
    expect(ended["hold"]?.exitCode).toBe(0);
    expect(noticesWhileHeld).toContain("operator");
    expect(ended["release"]?.exitCode).toBe(0);
    expect(afterRelease).toBe("restarted");
  });
});
