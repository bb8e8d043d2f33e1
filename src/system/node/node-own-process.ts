import { readdir } from "node:fs/promises";
import type { OwnProcess, ProcessUsage } from "../own-process.ts";

/** This process, as Node and /proc/self tell. */
export class NodeOwnProcess implements OwnProcess {
  readonly args: readonly string[] = [process.execPath, ...process.argv.slice(2)];

  async usage(): Promise<ProcessUsage> {
    const usage = process.resourceUsage();
    const descriptors = await readdir("/proc/self/fd").catch(() => undefined);
    return {
      cpuUserSeconds: usage.userCPUTime / 1e6,
      cpuSystemSeconds: usage.systemCPUTime / 1e6,
      residentBytes: process.memoryUsage.rss(),
      maximumResidentBytes: usage.maxRSS * 1024,
      majorPageFaults: usage.majorPageFault,
      minorPageFaults: usage.minorPageFault,
      swaps: usage.swappedOut,
      blockInputs: usage.fsRead,
      blockOutputs: usage.fsWrite,
      voluntarySwitches: usage.voluntaryContextSwitches,
      involuntarySwitches: usage.involuntaryContextSwitches,
      openFileDescriptors: descriptors?.length,
    };
  }

  activeResources(): readonly string[] {
    return process.getActiveResourcesInfo();
  }

  stack(): string {
    return new Error("stack").stack?.split("\n").slice(1).join("\n") ?? "";
  }
}
