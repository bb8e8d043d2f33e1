import { existsSync } from "node:fs";
import { type Browser, launch, type Page } from "puppeteer-core";

/** The Debian package `chromium`. */
const CHROMIUM = "/usr/bin/chromium";

/** A headless browser; throws when there is none. */
export async function openBrowser(): Promise<Browser> {
  if (!existsSync(CHROMIUM)) throw new Error(`there is no ${CHROMIUM}: install the Debian package chromium`);
  // Chromium has its own sandbox only without root.
  return launch({ executablePath: CHROMIUM, args: ["--no-sandbox", "--disable-dev-shm-usage"] });
}

/** What a browser complains about, and what it asks others than the server of `url`. */
export function watchForTrouble(page: Page, url: string): readonly string[] {
  const trouble: string[] = [];
  page.on("console", (message) => trouble.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => trouble.push(`error: ${String(error)}`));
  page.on("request", (request) => {
    if (!request.url().startsWith(url)) trouble.push(`request: ${request.url()}`);
  });
  page.on("response", (response) => {
    if (response.status() >= 400) trouble.push(`${response.status()}: ${response.url()}`);
  });
  return trouble;
}
