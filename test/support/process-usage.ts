import type { ProcessUsage } from "../../src/system/own-process.ts";

/** What a process of tests has used. */
export const USAGE: ProcessUsage = {
  cpuUserSeconds: 1.25,
  cpuSystemSeconds: 0.5,
  residentBytes: 100 * 2 ** 20,
  maximumResidentBytes: 120 * 2 ** 20,
  majorPageFaults: 1,
  minorPageFaults: 2,
  swaps: 0,
  blockInputs: 3,
  blockOutputs: 4,
  voluntarySwitches: 5,
  involuntarySwitches: 6,
  openFileDescriptors: 17,
};
