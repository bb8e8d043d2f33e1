import { expect, it } from "vitest";

import { findKernelParameter } from "../../../src/core/kernel-command-line.ts";

it.each([
  ["", undefined, undefined],
  ["hostname", undefined, undefined],
  ["hostname=", "", ""],
  ["quiet hostname=a console=tty0", "a", "a"],
  ["\thostname=a\n", "a", "a"],
  ["hostname=a hostname=b", "a", "b"],
  ["hostname=a=b hostname=c", "c", "c"],
  ["hostname=c hostname=a=b", "c", "c"],
  ["xhostname=a HOSTNAME=b", undefined, undefined],
])("finds hostname in %j", (text, first, last) => {
  expect(findKernelParameter(text, "hostname", "first")).toBe(first);
  expect(findKernelParameter(text, "hostname", "last")).toBe(last);
});
