import { describe, expect, it } from "vitest";
import type { PlannedVolume } from "../../../../../src/engine/drives-plan.ts";
import { segmentsOf } from "../../../../../src/rpc/http/page/drives.ts";

function volume(startBytes: number, sizeBytes: number): PlannedVolume {
  return {
    number: 1,
    startBytes,
    sizeBytes,
    type: "ext4",
    label: "",
    isEncrypted: false,
    mountPoint: "/",
    purpose: "root",
  };
}

const drive = (volumes: readonly PlannedVolume[]) =>
  ({ name: "sda", model: "", serial: "", sizeBytes: 1_000_000, role: "boot", volumes }) as const;

describe("segmentsOf", () => {
  it.each([
    ["nothing planned", [], [["free", 1000]]],
    ["a whole drive", [volume(0, 1_000_000)], [["volume", 1000]]],
    ["the gap of the alignment left out", [volume(1_000, 999_000)], [["volume", 999]]],
    [
      "room before, between and behind",
      [volume(100_000, 200_000), volume(500_000, 300_000)],
      [
        ["free", 100],
        ["volume", 200],
        ["free", 200],
        ["volume", 300],
        ["free", 200],
      ],
    ],
  ] as const)("draws to scale: %s", (_name, volumes, expected) => {
    const segments = segmentsOf(drive([...volumes]));
    expect(
      segments.map(({ volume: found, weight }) => [found === undefined ? "free" : "volume", weight]),
    ).toEqual(expected);
  });
});
