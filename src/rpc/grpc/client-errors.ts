import { status } from "@grpc/grpc-js";
import type { ErrorCode } from "../../core/error-codes.ts";
import { InstallerError, toError } from "../../core/errors.ts";

/** Who was called, for messages, and as whom. */
interface Callee {
  readonly peer: string;
  readonly hasCertificate: boolean;
}

const MAX_DETAILS = 500;

const CODES: ReadonlyMap<number, ErrorCode> = new Map<number, ErrorCode>([
  [status.UNAVAILABLE, "E_CONNECTION_LOST"],
  [status.CANCELLED, "E_CONNECTION_LOST"],
  [status.DEADLINE_EXCEEDED, "E_CONNECTION_TIMEOUT"],
  [status.PERMISSION_DENIED, "E_SRPC_ACCESS_DENIED"],
  [status.UNIMPLEMENTED, "E_SRPC_NO_ENDPOINT"],
]);

const HINTS: Partial<Record<ErrorCode, string>> = {
  E_SRPC_NO_ENDPOINT: "the other side is no installer, or an older one",
  E_SRPC_ACCESS_DENIED: "the certificate needs that method in its list of permitted methods",
  E_TLS_CERTIFICATE_MISSING:
    "show a certificate that the installer accepts (-certDirectory, -certFile and -keyFile)",
};

/** What the failure of a call means; `attempt` begins the message (`asking for the status of`). */
export function explainCall(error: unknown, attempt: string, callee: Callee): Error {
  if (!isServiceError(error)) return toError(error);
  const code = codeOf(error.code, callee);
  const message = `${attempt} ${callee.peer}: ${harmless(error.details)}`;
  const hint = HINTS[code];
  return new InstallerError(code, message, hint === undefined ? {} : { hint });
}

function codeOf(code: number, { hasCertificate }: Callee): ErrorCode {
  if (code === status.UNAUTHENTICATED)
    return hasCertificate ? "E_TLS_CERTIFICATE_REFUSED" : "E_TLS_CERTIFICATE_MISSING";
  return CODES.get(code) ?? "E_SRPC_CALL_FAILED";
}

function isServiceError(
  error: unknown,
): error is Error & { readonly code: number; readonly details: string } {
  return (
    error instanceof Error &&
    "code" in error &&
    typeof error.code === "number" &&
    "details" in error &&
    typeof error.details === "string"
  );
}

/** Another machine's words on one line, without what would act on a terminal. */
function harmless(details: string): string {
  return details.slice(0, MAX_DETAILS).replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ");
}
