/** What may be done to a run from outside, whatever the protocol. `who` is for the log: user and peer. */
export interface RunControl {
  /** Keeps the machine from restarting until it is released, as SIGTSTP does. */
  holdReboot(who: string): void;
  releaseReboot(who: string): void;
  /** Ends the waiting before the restart; false when the installation still runs. */
  rebootNow(who: string): boolean;
  /** Starts the installer anew with the same arguments, as SIGHUP does, after the answer has left. */
  rerun(who: string): void;
  /** Stops the installation, which then counts as failed; false when it is over. */
  cancel(who: string): boolean;
}
