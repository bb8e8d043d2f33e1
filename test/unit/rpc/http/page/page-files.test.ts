import { createContext, runInContext } from "node:vm";
import { build } from "esbuild";
import { describe, expect, it } from "vitest";
import { pageFile } from "../../../../../src/rpc/http/page/page-files.ts";

/** As much of a browser as the script needs to begin: it is watched by which address it asks. */
function runInFakeBrowser(script: string): readonly string[] {
  const asked: string[] = [];
  const element = () => ({
    dataset: { after: "7" } as Record<string, string>,
    children: [],
    childElementCount: 0,
    elements: { include: { value: "" }, level: { value: "debug" } },
    addEventListener: () => undefined,
  });
  const window = {
    document: {
      hidden: false,
      body: element(),
      getElementById: element,
      createElement: element,
      addEventListener: () => undefined,
    },
    EventSource: class {
      constructor(url: string) {
        asked.push(url);
      }
      addEventListener(): void {}
    },
    setInterval: () => undefined,
  };
  // Nothing else is there: what the script would need from outside itself is a ReferenceError.
  runInContext(script, createContext({ window }));
  return asked;
}

describe("pageFile", () => {
  it("knows the script and the icon, and nothing else", () => {
    expect(pageFile("/page.js")?.contentType).toBe("text/javascript; charset=utf-8");
    expect(pageFile("/page.svg")?.contentType).toBe("image/svg+xml");
    expect(pageFile("/page.html")).toBeUndefined();
  });

  it("has a script that needs nothing from outside itself", () => {
    expect(runInFakeBrowser(pageFile("/page.js")?.body ?? "")).toEqual(["api/page?after=7"]);
  });

  it("has a script that survives what the build does to it", async () => {
    const { outputFiles } = await build({
      stdin: {
        contents:
          'import { pageFile } from "./src/rpc/http/page/page-files.ts"; globalThis.body = pageFile("/page.js").body;',
        resolveDir: new URL("../../../../../", import.meta.url).pathname,
      },
      bundle: true,
      write: false,
      // As in scripts/build.ts.
      platform: "node",
      format: "cjs",
      target: "node26",
      minifySyntax: true,
      minifyWhitespace: true,
    });
    const context = createContext({ body: "" });
    runInContext(outputFiles[0]?.text ?? "", context);
    expect(runInFakeBrowser(String(context["body"]))).toEqual(["api/page?after=7"]);
  });
});
