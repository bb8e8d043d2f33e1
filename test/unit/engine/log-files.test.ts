import { describe, expect, it } from "vitest";
import { logFileName, planDeletions } from "../../../src/engine/log-files.ts";

describe("logFileName", () => {
  it.each([
    [new Date(2026, 10, 20, 20, 42, 25, 980), "2026-11-20:20:42:25.98"],
    [new Date(2026, 0, 2, 3, 4, 5, 0), "2026-01-02:03:04:05"],
    [new Date(2026, 0, 2, 3, 4, 5, 7), "2026-01-02:03:04:05.007"],
  ])("names %s as the original does", (date, name) => {
    expect(logFileName(date.getTime())).toBe(name);
  });
});

describe("planDeletions", () => {
  const files = [
    { name: "2026-01-01:00:00:00", sizeBytes: 600 },
    { name: "2026-01-03:00:00:00", sizeBytes: 600 },
    { name: "2026-01-02:00:00:00", sizeBytes: 600 },
  ];

  it("deletes nothing within the quota", () => {
    expect(planDeletions(files, "2026-01-03:00:00:00", 1800)).toEqual([]);
  });

  it("deletes the oldest first", () => {
    expect(planDeletions(files, "2026-01-03:00:00:00", 1799)).toEqual(["2026-01-01:00:00:00"]);
  });

  it("never deletes the current file", () => {
    expect(planDeletions(files, "2026-01-03:00:00:00", 1)).toEqual([
      "2026-01-01:00:00:00",
      "2026-01-02:00:00:00",
    ]);
  });

  it("charges empty files too, so that their number stays bounded", () => {
    const many = Array.from({ length: 2000 }, (_, index) => ({
      name: `f${String(index).padStart(5, "0")}`,
      sizeBytes: 0,
    }));
    expect(planDeletions(many, "f01999", 65536)).toHaveLength(2000 - 1024);
  });
});
