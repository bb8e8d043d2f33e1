import { InstallerError } from "../../core/errors.ts";
import type { Power } from "../power.ts";
import { type NativeCalls, RB_AUTOBOOT, RB_POWER_OFF } from "./native/native-calls.ts";

/** reboot(2). Unsynced data is lost: the caller syncs first. */
export class NodePower implements Power {
  readonly #native: () => NativeCalls;

  constructor(native: () => NativeCalls) {
    this.#native = native;
  }

  async restart(): Promise<never> {
    return this.#end(RB_AUTOBOOT);
  }

  async powerOff(): Promise<never> {
    return this.#end(RB_POWER_OFF);
  }

  #end(command: number): never {
    this.#native().reboot(command);
    throw new InstallerError("E_BUG", "the kernel went on after reboot(2)");
  }
}
