import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

import { COMMANDS } from "../../../src/cli/command-table.ts";
import { installerFlags } from "../../../src/cli/flags/installer-flags.ts";
import { renderUsage } from "../../../src/cli/usage.ts";

const USAGE = renderUsage(installerFlags({ effectiveUserId: 0, processId: 42 }), COMMANDS);

describe("renderUsage", () => {
  it("prints what operators and scripts know", () => {
    // The file is the contract: look at the difference, then change it by hand.
    expect(USAGE).toBe(readFileSync(new URL("usage.golden.txt", import.meta.url), "utf8"));
  });

  it("has the shape of the original: heading, flags in byte order, commands in order", () => {
    const [, flags = "", commands = ""] =
      /^Usage: installer \[flags\.\.\.\] \[command \[args\.\.\.\]\]\nCommon flags:\n(.*)Commands:\n(.*)$/s.exec(
        USAGE,
      ) ?? [];
    const entries = [
      ...flags.matchAll(/ {2}-(\w+)(?: (?:string|int|uint|duration|value))?\n {4}\t[^\n]+\n/g),
    ];
    expect(entries.map(([text]) => text).join("")).toBe(flags);
    const names = entries.map(([, name = ""]) => name);
    expect(names).toEqual(
      names.toSorted((left, right) => Buffer.compare(Buffer.from(left), Buffer.from(right))),
    );
    const lines = commands.trimEnd().split("\n");
    expect(lines).toEqual(lines.toSorted());
    expect(lines).toEqual(
      expect.arrayContaining(["  load-image image-name root-dir", "  kexec-image image-name"]),
    );
  });

  it("mentions a default exactly where it is not the zero value of its type", () => {
    expect(USAGE).toContain('(default "/mnt")\n');
    expect(USAGE).toContain("(default 10MiB)\n");
    expect(USAGE).toContain("(default /bin/busybox,sh,-i)\n");
    expect(USAGE).toContain("(default -1)\n");
    expect(USAGE).not.toMatch(/default (""|false|0s|0B|\))/);
  });
});
