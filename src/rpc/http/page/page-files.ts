import { runPage } from "./client-script.ts";
import { PAGE_ICON } from "./icons.ts";

/** Something that belongs to the page and never changes. */
export interface PageFile {
  readonly contentType: string;
  readonly body: string;
}

const FILES: ReadonlyMap<string, PageFile> = new Map([
  // The function is handed out as text, as the program is one file: it must use nothing from outside itself.
  [
    "/page.js",
    {
      contentType: "text/javascript; charset=utf-8",
      body: `"use strict";(${runPage.toString()})(window);\n`,
    },
  ],
  ["/page.svg", { contentType: "image/svg+xml", body: PAGE_ICON }],
]);

/** The script and the icon of the page, by path; undefined for other paths. */
export function pageFile(path: string): PageFile | undefined {
  return FILES.get(path);
}
