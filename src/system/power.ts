export interface Clock {
  /** Wall clock, milliseconds since 1970. */
  nowMs(): number;
  /** Milliseconds since the process started; never goes back. */
  monotonicMs(): number;
  /** Seconds since the kernel booted. */
  uptimeSeconds(): Promise<number>;
  /** Sets the system time (settimeofday). */
  setTime(unixSeconds: number): Promise<void>;
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** The last act. None of these returns on success. */
export interface Power {
  /** reboot(2) with the restart command: no init, no service is stopped. */
  restart(): Promise<never>;
  powerOff(): Promise<never>;
}
