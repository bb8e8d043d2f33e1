import { status } from "@grpc/grpc-js";
import type { ControlReply } from "../generated/installer.js";
import type { RunControl } from "../run-control.ts";
import { CallRefusal } from "./call-refusal.ts";
import type { ControlMethod } from "./methods.ts";

/** Steers the run for `who`; the answer says what was done. Throws FAILED_PRECONDITION when the state forbids it. */
export function steer(control: RunControl, method: ControlMethod, who: string): ControlReply {
  switch (method) {
    case "HoldReboot":
      control.holdReboot(who);
      return { message: "the machine will not restart until it is released" };
    case "ReleaseReboot":
      control.releaseReboot(who);
      return { message: "the machine may restart" };
    case "RebootNow":
      if (!control.rebootNow(who)) throw forbidden("the installation is still running");
      return { message: "the machine restarts now" };
    case "Rerun":
      control.rerun(who);
      return { message: "the installer starts anew" };
    case "Cancel":
      if (!control.cancel(who)) throw forbidden("the installation is over");
      return { message: "the installation was cancelled" };
  }
}

function forbidden(reason: string): CallRefusal {
  return new CallRefusal(status.FAILED_PRECONDITION, reason);
}
