import { globSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { renderConfigSchemas } from "../../../scripts/lib/config-schemas.ts";
import type { CheckedFile } from "../../../src/config/check-file.ts";
import { checkMachineConfig } from "../../../src/config/machine-config.ts";
import { checkStorageLayout } from "../../../src/config/storage-layout.ts";

type Check = (file: string, text: string) => CheckedFile<unknown>;

const KINDS: readonly (readonly [string, Check, readonly unknown[]])[] = [
  ["config.schema.json", checkMachineConfig, valuesOf("test/vectors/network/*.json", "config")],
  ["storage-layout.schema.json", checkStorageLayout, valuesOf("test/vectors/storage/*.json", "layout")],
];

/** What stands under `key` in the files of recorded cases. */
function valuesOf(pattern: string, key: string): readonly unknown[] {
  return globSync(pattern)
    .toSorted()
    .map((file) => (JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>)[key])
    .filter((value) => typeof value === "object" && value !== null);
}

function published(name: string): z.ZodType {
  return z.fromJSONSchema(JSON.parse(readFileSync(`docs/${name}`, "utf8")) as z.core.JSONSchema.JSONSchema);
}

describe.each(KINDS)("docs/%s", (name, check, examples) => {
  it("is what the schemas in src/config say (npm run docs regenerates it)", () => {
    expect(readFileSync(`docs/${name}`, "utf8")).toBe(renderConfigSchemas().get(name));
  });

  it("takes every recorded example that the installer takes without a word", () => {
    const good = examples.filter((value) => check("x", JSON.stringify(value)).diagnostics.length === 0);
    expect(good.length).toBeGreaterThan(20);
    const schema = published(name);
    for (const value of good)
      expect(schema.safeParse(value).error?.message, JSON.stringify(value)).toBeUndefined();
  });
});

describe("refuses what the installer refuses or warns of:", () => {
  it.each([
    ["config.schema.json", { Machine: { Hostnane: "x" } }],
    ["config.schema.json", { Machine: { Hostname: 1 } }],
    ["config.schema.json", { Machine: { Tags: { Rack: 7 } } }],
    ["config.schema.json", { Machine: { ArchitectureType: "sparc" } }],
    ["config.schema.json", { Machine: { MemoryInMiB: -1 } }],
    ["config.schema.json", { Subnets: {} }],
    ["config.schema.json", { Subnets: [null] }],
    ["config.schema.json", { Subnets: [{ VlanId: 4095 }] }],
    ["config.schema.json", { Subnets: [{ VlanId: 1.5 }] }],
    ["storage-layout.schema.json", { BootDriveLayout: [{ FileSystemType: "ext3" }] }],
    ["storage-layout.schema.json", { BootDriveLayout: [{ ReservedBlocksPercentage: 101 }] }],
    ["storage-layout.schema.json", { BootDrive: { Serail: "S1" } }],
    ["storage-layout.schema.json", { DataDrives: [{ Serial: "S1", Count: 0 }] }],
    ["storage-layout.schema.json", { Encrypt: "yes" }],
    ["storage-layout.schema.json", { Comment: "" }],
  ])("%s: %j", (name, value) => {
    const check = name === "config.schema.json" ? checkMachineConfig : checkStorageLayout;
    expect(check("x", JSON.stringify(value)).diagnostics).toHaveLength(1);
    expect(published(name).safeParse(value).success).toBe(false);
  });
});

it("null stands for the default in both", () => {
  const value = {
    Machine: { Hostname: null, IPMI: {} },
    Subnets: [{ DomainNameServers: null, VlanId: null }],
  };
  expect(checkMachineConfig("x", JSON.stringify(value)).diagnostics).toEqual([]);
  expect(published("config.schema.json").safeParse(value).error).toBeUndefined();
});
