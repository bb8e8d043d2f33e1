import { expect, test } from "vitest";
import { readSerialNumber } from "../../../src/config/serial-number.ts";
import { MemoryFileSystem } from "../../support/memory-file-system.ts";

test.each([
  [
    { product_serial: " ABC123\n", board_serial: "B" },
    { origin: "product_serial", text: "ABC123" },
  ],
  [
    { product_serial: "To be filled by O.E.M.\n", board_serial: "B\n" },
    { origin: "board_serial", text: "B" },
  ],
  [{ product_serial: "System Serial Number", board_serial: "0123456789" }, undefined],
  [{ board_serial: "\n" }, undefined],
  [{}, undefined],
])("%j", async (serials, expected) => {
  const entries = Object.entries(serials).map(([name, text]) => [`/sys/class/dmi/id/${name}`, text]);
  const files = new MemoryFileSystem({ files: Object.fromEntries(entries) as Record<string, string> });
  expect(await readSerialNumber(files)).toEqual(expected);
});
