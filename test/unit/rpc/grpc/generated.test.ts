import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { ROOT } from "../../../../scripts/lib/paths.ts";
import { renderGenerated } from "../../../../scripts/lib/proto-generated.ts";

describe("src/rpc/generated is what `npm run proto` makes of the .proto files", async () => {
  test.each([...(await renderGenerated())])("%s", (name, text) => {
    const present = readFileSync(path.join(ROOT, "src/rpc/generated", name), "utf8");
    expect(present === text, "run `npm run proto`").toBe(true);
  });
});
