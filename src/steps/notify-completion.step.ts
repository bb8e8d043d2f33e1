import type { Step } from "../engine/step.ts";
import { runPlugIn } from "./run-plug-in.ts";

export interface NotifyInput {
  /** `-completionNotifier`; "" for none. */
  readonly program: string;
  readonly tftpDirectory: string;
  readonly interfaceName: string;
}

/** Runs the operator's notifier when the new system is complete and unmounted (spec/configuration.md section 10). */
export const notifyCompletion: Step<NotifyInput, void> = {
  id: "notify-completion",
  title: "Notify of the completion",
  destructive: false,
  async run({ program, tftpDirectory, interfaceName }, context) {
    if (program === "") return;
    const args = [tftpDirectory, interfaceName];
    await runPlugIn({ role: "completion notifier", program, args }, context);
  },
};
