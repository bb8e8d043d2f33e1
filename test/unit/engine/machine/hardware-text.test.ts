import { expect, test } from "vitest";
import { cleanHardwareText } from "../../../../src/engine/machine/hardware-text.ts";

test.for([
  ["ACME  SSD \0\0", "ACME SSD"],
  ["a\u001b[2Jb\nc", "a [2Jb c"],
  ["left\u202eright\u200b", "left right"],
  ["caf\u00e9", "caf\u00e9"],
  ["\ufffd\ufffdHD", "HD"],
  ["Default string", ""],
  ["None", ""],
  ["Not Specified", ""],
  ["0000000", ""],
  ["........", ""],
  ["", ""],
  ["Nonesuch 5", "Nonesuch 5"],
] as const)("%j is shown as %j", ([text, shown]) => {
  expect(cleanHardwareText(text)).toBe(shown);
});

test("a text without end is cut between characters", () => {
  expect(cleanHardwareText("😀".repeat(100_000))).toBe("😀".repeat(128));
});
