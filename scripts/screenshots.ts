import { mkdirSync } from "node:fs";
import path from "node:path";
import type { Browser } from "puppeteer-core";
import { openBrowser } from "../test/support/chromium.ts";
import { startPageServer } from "../test/support/page-server.ts";
import { SCRIPTED_STATES } from "../test/support/scripted-states.ts";
import { CACHE } from "./lib/paths.ts";
import { runScript } from "./lib/script.ts";

const DIRECTORY = path.join(CACHE, "screenshots");

interface View {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly scheme: "light" | "dark";
  readonly isWholePage: boolean;
}

const VIEWS: readonly View[] = [
  { name: "wide", width: 1440, height: 900, scheme: "light", isWholePage: true },
  { name: "dark", width: 1440, height: 900, scheme: "dark", isWholePage: true },
  { name: "400", width: 400, height: 800, scheme: "light", isWholePage: true },
  { name: "wall", width: 1920, height: 1080, scheme: "dark", isWholePage: false },
];

/** Pictures of the page at telling moments: `.cache/screenshots/STATE-VIEW.png`. */
async function main(): Promise<void> {
  mkdirSync(DIRECTORY, { recursive: true });
  await using browser = await openBrowser();
  for (const [state, script] of Object.entries(SCRIPTED_STATES)) {
    await using server = await startPageServer({ source: script() });
    for (const view of VIEWS) await takePicture(browser, server.url, view, `${state}-${view.name}.png`);
  }
}

async function takePicture(browser: Browser, url: string, view: View, fileName: string): Promise<void> {
  const { width, height, scheme, isWholePage } = view;
  await using page = await browser.newPage();
  await page.setViewport({ width, height });
  await page.emulateMediaFeatures([
    { name: "prefers-color-scheme", value: scheme },
    { name: "prefers-reduced-motion", value: "reduce" },
  ]);
  await page.goto(url);
  await page.waitForSelector("body[data-live]");
  await page.screenshot({ path: path.join(DIRECTORY, fileName) as `${string}.png`, fullPage: isWholePage });
  process.stdout.write(`${path.join(DIRECTORY, fileName)}\n`);
}

await runScript(main);
