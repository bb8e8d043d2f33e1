import { InstallerError } from "../../core/errors.ts";
import type { Logger } from "../../core/logger.ts";
import type { EventStream } from "../../engine/events.ts";
import type { RunControl } from "../../rpc/run-control.ts";
import type { Clock } from "../../system/power.ts";
import type { RebootGate } from "./reboot-gate.ts";

interface RunControllerOptions {
  readonly events: EventStream;
  readonly clock: Pick<Clock, "monotonicMs">;
  readonly log: Logger;
  readonly gate: RebootGate;
  /** Starts this program anew with the same arguments. */
  readonly restartProcess: (why: string) => void;
}

/** Steers the run for operators, by whatever way they come: signals, gRPC. Each act is logged with who did it. */
export class RunController implements RunControl {
  readonly #options: RunControllerOptions;
  readonly #cancellation = new AbortController();
  #isOver = false;

  constructor(options: RunControllerOptions) {
    this.#options = options;
  }

  /** Aborted when the installation is to stop. */
  get cancelled(): AbortSignal {
    return this.#cancellation.signal;
  }

  /** The installation is over, well or not: from now on there is only the restart to steer. */
  markOver(): void {
    this.#isOver = true;
  }

  holdReboot(who: string): void {
    this.#options.log.info(`${who}: reboot blocked`);
    this.#options.gate.block();
    this.#notice(`the restart is held back by ${who}`);
  }

  releaseReboot(who: string): void {
    this.#options.log.info(`${who}: reboot unblocked`);
    this.#options.gate.unblock();
    this.#notice("");
  }

  rebootNow(who: string): boolean {
    if (!this.#isOver) return false;
    this.#options.log.info(`${who}: rebooting without further waiting`);
    this.#notice("");
    this.#options.gate.hurry();
    return true;
  }

  rerun(who: string): void {
    const why = `${who}: re-executing with the same arguments`;
    this.#options.log.info(why);
    this.#options.restartProcess(why);
  }

  cancel(who: string): boolean {
    if (this.#isOver) return false;
    this.#options.log.warn(`${who}: cancelling the installation`);
    this.#cancellation.abort(new InstallerError("E_CANCELLED", `the installation was cancelled by ${who}`));
    return true;
  }

  #notice(text: string): void {
    const { events, clock } = this.#options;
    events.publish({
      kind: "notice",
      at: clock.monotonicMs(),
      notice: { id: "reboot-held", severity: "info", text },
    });
  }
}
