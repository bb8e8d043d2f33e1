import type { Browser, Page } from "puppeteer-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openBrowser, watchForTrouble } from "../support/chromium.ts";
import { startPageServer } from "../support/page-server.ts";
import { ScriptedRun } from "../support/scripted-run.ts";
import { SCRIPTED_STATES } from "../support/scripted-states.ts";

// The status page in a real browser, by the daemon's own listener. Takes the Debian package chromium.

const MIB = 2 ** 20;
/** Faster than in life, so that tests are. */
const TICK_MS = 100;

let browser: Browser;

beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(async () => {
  await browser.close();
});

/** A page of its own with nothing stored. */
async function openPage(
  url: string,
  options: { readonly script?: boolean; readonly width?: number } = {},
): Promise<Page> {
  const page = await browser.newPage();
  await page.setViewport({ width: options.width ?? 1280, height: 800 });
  await page.setJavaScriptEnabled(options.script ?? true);
  await page.goto(url);
  return page;
}

async function textOf(page: Page, selector: string): Promise<string> {
  return String(await page.evaluate(`document.querySelector(${JSON.stringify(selector)})?.innerText ?? ""`));
}

async function waitForText(page: Page, selector: string, text: string): Promise<void> {
  const [element, wanted] = [selector, text].map((value) => JSON.stringify(value));
  await page.waitForFunction(`document.querySelector(${element})?.innerText.includes(${wanted})`, {
    timeout: 20_000,
  });
}

/** The entries of the log that are shown. */
async function shownEntries(page: Page): Promise<readonly string[]> {
  const shown = "[...document.querySelectorAll('#log .line')].filter((line) => line.offsetHeight > 0)";
  const entries = (await page.evaluate(
    `${shown}.map((line) => line.textContent.trim())`,
  )) as readonly string[];
  return entries.map((entry) => entry.replace(/^\[ *[\d.]+\] /, ""));
}

describe("the status page", () => {
  test("follows an installation to its end without being loaded again", async () => {
    const run = new ScriptedRun().log("installer started");
    await using server = await startPageServer({ source: run, tickMs: TICK_MS });
    await using page = await openPage(server.url);
    const trouble = watchForTrouble(page, server.url);
    await page.evaluate("window.isTheSame = true");
    run.start("download-objects", "Download the missing objects");
    const shares: number[] = [];
    for (let mib = 0; mib <= 100; mib += 20) {
      run.pass(2_000);
      run.publish("step-progress", {
        id: "download-objects",
        done: mib * MIB,
        total: 100 * MIB,
        unit: "bytes",
      });
      await waitForText(page, "#steps .step.running", `(${mib} %)`);
      shares.push(Number.parseInt(await textOf(page, ".share"), 10));
    }
    expect(shares).toEqual(shares.toSorted((left, right) => left - right));
    expect(new Set(shares).size).toBeGreaterThan(4);
    run
      .end("download-objects")
      .log("installation complete")
      .publish("run-ended", { outcome: "succeeded", message: "" });
    run.publish("hand-over", { state: { phase: "waiting", rebooter: "kexec", until: run.at + 5_000 } });
    await waitForText(page, ".outcome", "Installed");
    expect(await textOf(page, ".share")).toMatch(/^100\s*%$/);
    expect(await textOf(page, "#notices")).toContain("restarts into the new system (kexec) in 5s");
    expect(await shownEntries(page)).toEqual(["installer started", "installation complete"]);
    expect(await page.title()).toBe("100 % host - installer status page");
    expect(await page.evaluate("window.isTheSame")).toBe(true);
    expect(trouble).toEqual([]);
  });

  test("shows what failed and what to do, and a stall before that", async () => {
    const run = new ScriptedRun().start("prepare-drives", "Partition and format the drives", true);
    run.publish("step-waiting", { id: "prepare-drives", waitingFor: "mkfs.ext4 /dev/sda2" });
    await using server = await startPageServer({ source: run, tickMs: TICK_MS });
    await using page = await openPage(server.url);
    const trouble = watchForTrouble(page, server.url);
    run.pass(23_000);
    await waitForText(page, ".stall", "Nothing has moved for 23s: waiting for mkfs.ext4 /dev/sda2");
    expect(await textOf(page, ".outcome")).toBe("Stalled");
    const failure = {
      code: "E_COMMAND_FAILED",
      message: "mkfs.ext4: no space",
      hint: "Take a larger drive.",
    };
    run.publish("step-failed", { id: "prepare-drives", durationMs: 1, ...failure });
    run.publish("run-ended", { outcome: "failed", message: "error installing: mkfs.ext4: no space" });
    await waitForText(page, ".outcome", "Installation failed");
    for (const text of Object.values(failure)) expect(await textOf(page, "#failure")).toContain(text);
    expect(await textOf(page, "#failure")).toContain("What to do");
    expect(trouble).toEqual([]);
  });

  describe.each(Object.keys(SCRIPTED_STATES) as (keyof typeof SCRIPTED_STATES)[])("in state %s", (state) => {
    test("fits a width of 400 pixels and makes the browser complain of nothing", async () => {
      await using server = await startPageServer({ source: SCRIPTED_STATES[state](), tickMs: TICK_MS });
      await using page = await browser.newPage();
      const trouble = watchForTrouble(page, server.url);
      await page.setViewport({ width: 400, height: 800, isMobile: true });
      await page.goto(server.url);
      await page.waitForSelector("body[data-live]");
      await waitForText(page, "#matches", "entries");
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(400);
      expect(trouble).toEqual([]);
    });
  });

  test("is complete without script, filters by a form, and reloads itself", async () => {
    const run = SCRIPTED_STATES.downloading();
    await using server = await startPageServer({ source: run });
    await using page = await openPage(server.url, { script: false });
    expect(await textOf(page, "#summary")).toContain("Installing");
    expect(await textOf(page, "#drives")).toContain("/var/log");
    expect(await shownEntries(page)).toContain("downloading 23163 objects (1782 MiB)");
    expect(server.live.connections).toBe(0);
    run.publish("run-ended", { outcome: "succeeded", message: "" });
    await page.waitForNavigation({ timeout: 15_000 });
    expect(await textOf(page, ".outcome")).toContain("Installed");

    await page.type("input[name=include]", "nvme\\dn1.*partitions?$");
    await page.select("select[name=level]", "info");
    await Promise.all([page.waitForNavigation(), page.click("button[type=submit]")]);
    expect(await shownEntries(page)).toEqual(["nvme0n1 (1.92 TB) will be erased; 5 partitions"]);
    expect(await page.$("meta[http-equiv]")).toBeNull();
  });

  test("filters while one types, keeps new entries under the filter, and keeps it when loaded again", async () => {
    const run = new ScriptedRun().log("found sda").log("found sdb", "debug").log("no link", "warn");
    await using server = await startPageServer({ source: run, tickMs: TICK_MS });
    await using page = await openPage(server.url);
    await page.waitForSelector("body[data-live]");
    await page.type("input[name=include]", "FOUND|link");
    await page.select("select[name=level]", "info");
    expect(await shownEntries(page)).toEqual(["found sda", "WARNING no link"]);
    run.log("found sdc").log("found sdd", "debug").log("other");
    await waitForText(page, "#matches", "of 6 entries");
    expect(await shownEntries(page)).toEqual(["found sda", "WARNING no link", "found sdc"]);
    await page.reload();
    await waitForText(page, "#matches", "3 of 6 entries");
    expect(await page.evaluate("document.querySelector('input[name=include]').value")).toBe("FOUND|link");
    await page.evaluate("document.querySelector('input[name=include]').focus()");
    for (let count = 0; count < 10; count += 1) await page.keyboard.press("Delete");
    await page.evaluate("document.querySelector('input[name=include]').select()");
    await page.keyboard.press("Backspace");
    await page.select("select[name=level]", "debug");
    await waitForText(page, "#matches", "6 entries");
    expect(await page.evaluate("location.search")).toBe("");
  });

  test("follows the end of the log until one scrolls back", async () => {
    const run = new ScriptedRun();
    for (let count = 0; count < 200; count += 1) run.log(`entry ${count}`);
    await using server = await startPageServer({ source: run, tickMs: TICK_MS });
    await using page = await openPage(server.url);
    await waitForText(page, "#matches", "200 entries");
    const place = async () =>
      Number(
        await page.evaluate(
          "{ const log = document.getElementById('log'); log.scrollHeight - log.clientHeight - log.scrollTop }",
        ),
      );
    expect(await place()).toBeLessThan(3);
    run.log("entry 200");
    await waitForText(page, "#matches", "201 entries");
    expect(await place()).toBeLessThan(3);
    await page.evaluate("document.getElementById('log').scrollTop = 100");
    await page.waitForFunction("!document.getElementById('follow').checked");
    run.log("entry 201");
    await waitForText(page, "#matches", "202 entries");
    expect(await page.evaluate("document.getElementById('log').scrollTop")).toBe(100);
    await page.click("#follow");
    run.log("entry 202");
    await waitForText(page, "#matches", "203 entries");
    expect(await place()).toBeLessThan(3);
  });

  test("leaves selection, focus and scrolling alone when something changes", async () => {
    const run = SCRIPTED_STATES.downloading();
    await using server = await startPageServer({ source: run, tickMs: TICK_MS });
    await using page = await openPage(server.url, { width: 600 });
    await page.waitForSelector("body[data-live]");
    await page.focus("nav a");
    await page.evaluate("getSelection().selectAllChildren(document.querySelector('.step .title'))");
    await page.evaluate("scrollTo(0, 500)");
    const steps = await page.evaluate("window.kept = document.querySelectorAll('.step'); window.kept.length");
    run.end("download-objects").start("make-tools-root", "Unpack the tools");
    await waitForText(page, "#steps", "Unpack the tools");
    expect(await page.evaluate("getSelection().toString()")).toBe("Check the clock");
    expect(await page.evaluate("document.activeElement.textContent")).toBe("logs");
    expect(await page.evaluate("scrollY")).toBe(500);
    expect(await page.evaluate("[...window.kept].filter((step) => step.isConnected).length")).toBe(steps);
  });

  test("says when the connection is lost, and goes on where it was when it is back", async () => {
    const run = new ScriptedRun().log("one");
    const lost = await startPageServer({ source: run, tickMs: TICK_MS });
    await using page = await openPage(lost.url);
    await page.waitForSelector("body[data-live]");
    lost.dropConnections();
    run.log("two");
    await waitForText(page, "#matches", "2 entries");
    expect(await textOf(page, "#connection")).toBe("");
    run.publish("run-ended", { outcome: "succeeded", message: "" });
    await waitForText(page, ".outcome", "Installed");
    await page.evaluate("window.isTheSame = true");
    await lost[Symbol.asyncDispose]();
    await waitForText(
      page,
      "#connection",
      "Connection lost: this is how it was 4 s ago. The machine has probably restarted.",
    );
    await waitForText(page, "#connection", "5 s ago");
    // Another run of the installer at the same place.
    await using _next = await startPageServer(
      { source: new ScriptedRun().log("anew"), tickMs: TICK_MS },
      lost.port,
    );
    await waitForText(page, "#log", "anew");
    expect(await shownEntries(page)).toEqual(["anew"]);
    expect(await textOf(page, "#connection")).toBe("");
    expect(await page.evaluate("window.isTheSame")).toBeUndefined();
  });

  test("takes nothing that a machine says of itself for markup", async () => {
    const evil = `<img src=x onerror="document.title='owned'"><script>document.title='owned'</script>&amp;"'`;
    const run = new ScriptedRun();
    await using server = await startPageServer({ source: run, tickMs: TICK_MS });
    await using page = await openPage(server.url);
    const trouble = watchForTrouble(page, server.url);
    run.hostname = evil;
    run.log(evil).start("x", evil).publish("step-waiting", { id: "x", waitingFor: evil });
    run.publish("notice", { notice: { id: evil, severity: "warning", text: evil } });
    await waitForText(page, "#notices", evil);
    await waitForText(page, "#log", evil);
    await waitForText(page, "#steps", evil);
    expect(await textOf(page, ".host")).toBe(evil);
    expect(await page.title()).toContain("<img");
    expect(await page.evaluate("document.querySelectorAll('img').length")).toBe(0);
    expect(trouble).toEqual([]);
  });
});
