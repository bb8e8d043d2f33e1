import { expect, test } from "vitest";
import { NodeInterfaces } from "../../../src/system/node/node-interfaces.ts";
import { NodeOwnProcess } from "../../../src/system/node/node-own-process.ts";

test("what a process has used grows with what it does", async () => {
  const ownProcess = new NodeOwnProcess();
  const before = await ownProcess.usage();
  const until = performance.now() + 60;
  while (performance.now() < until) JSON.stringify(process.memoryUsage());
  const after = await ownProcess.usage();
  expect(after.cpuUserSeconds + after.cpuSystemSeconds).toBeGreaterThan(
    before.cpuUserSeconds + before.cpuSystemSeconds,
  );
  expect(after.cpuUserSeconds).toBeLessThan(3_600);
  expect(after.residentBytes).toBeGreaterThan(10 * 2 ** 20);
  expect(after.maximumResidentBytes).toBeGreaterThanOrEqual(after.residentBytes / 2);
  expect(after.openFileDescriptors).toBeGreaterThan(2);
});

test("where it is, what it was started with, and what it waits for", () => {
  const ownProcess = new NodeOwnProcess();
  expect(ownProcess.stack()).toContain("own-process.test.ts");
  expect(ownProcess.args[0]).toBe(process.execPath);
  expect(ownProcess.activeResources()).toEqual(expect.any(Array));
});

test("the loopback interface has its addresses, an unknown one none", async () => {
  const interfaces = new NodeInterfaces(() => {
    throw new Error("not in this test");
  });
  expect((await interfaces.listAddresses("lo"))[0]).toBe("127.0.0.1/8");
  expect(await interfaces.listAddresses("nothing0")).toEqual([]);
});
