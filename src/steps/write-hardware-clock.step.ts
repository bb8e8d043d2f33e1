import { messageChain } from "../core/errors.ts";
import type { Step } from "../engine/step.ts";

/** Hands a corrected time on to the hardware clock, with the tools root's hwclock; a failure is only logged. */
export const writeHardwareClock: Step<{ readonly toolsRoot: string }, void> = {
  id: "write-hardware-clock",
  title: "Set the hardware clock",
  destructive: false,
  async run({ toolsRoot }, { host, log, signal }) {
    try {
      await host.commands.run({ program: "hwclock", args: ["-w"], chroot: toolsRoot }, signal);
    } catch (error) {
      signal.throwIfAborted();
      log.warn(`setting the hardware clock: ${messageChain(error)}`);
    }
  },
};
