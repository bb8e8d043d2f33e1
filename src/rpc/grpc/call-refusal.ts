import { status } from "@grpc/grpc-js";
import { InstallerError } from "../../core/errors.ts";

/** A call ends with this status of gRPC; the message is for the client. */
export class CallRefusal extends Error {
  readonly status: status;

  constructor(code: status, message: string) {
    super(message);
    this.name = "CallRefusal";
    this.status = code;
  }
}

/** What a client learns of a failure. */
export interface CallStatus {
  readonly code: status;
  readonly details: string;
}

/**
 * The status for what a handler threw: our own words for refusals and for shells that cannot be had, nothing but
 * "internal error" for everything else, which is for the log of this machine alone.
 */
export function statusOf(error: unknown): CallStatus {
  if (error instanceof CallRefusal) return { code: error.status, details: error.message };
  if (error instanceof InstallerError && error.code === "E_SHELL_UNAVAILABLE")
    return { code: status.RESOURCE_EXHAUSTED, details: error.message };
  if (
    error instanceof InstallerError &&
    (error.code === "E_NO_TERMINAL" || error.code === "E_COMMAND_NOT_FOUND")
  )
    return { code: status.FAILED_PRECONDITION, details: error.message };
  return { code: status.INTERNAL, details: "internal error" };
}
