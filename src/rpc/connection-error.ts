import type { ErrorCode } from "../core/error-codes.ts";
import { hasCode, InstallerError, toError } from "../core/errors.ts";

/** True for failures that another attempt may well cure: the server restarts, a packet was lost, a name is slow. */
export function isTransientConnectionError(error: unknown): boolean {
  return hasCode(
    error,
    "E_CONNECTION_REFUSED",
    "E_CONNECTION_LOST",
    "E_CONNECTION_TIMEOUT",
    "E_HOST_UNREACHABLE",
    "E_HOST_UNKNOWN",
  );
}

/**
 * What a failed socket means, judged by error code. `attempt` completes the message (`connecting to host:6971`).
 * An unexpected end is E_CONNECTION_LOST; other errors that are not the socket's own (a cancelled signal, our time
 * limits) pass through.
 */
export function connectionError(error: unknown, attempt: string): Error {
  if (hasCode(error, "E_STREAM_ENDED")) return explained("E_CONNECTION_LOST", attempt, error);
  const systemCode = systemCodeOf(error);
  if (error instanceof InstallerError || systemCode === undefined) return toError(error);
  const code = CODES.get(systemCode) ?? (systemCode.startsWith("ERR_SSL_") ? tlsCode(systemCode) : undefined);
  return code === undefined ? toError(error) : explained(code, attempt, error);
}

function explained(code: ConnectionErrorCode, attempt: string, cause: unknown): InstallerError {
  return new InstallerError(code, `${attempt}: ${WORDS[code]}`, { cause });
}

const WORDS = {
  E_CONNECTION_REFUSED: "connection refused",
  E_CONNECTION_LOST: "the connection was lost",
  E_CONNECTION_TIMEOUT: "no answer",
  E_HOST_UNREACHABLE: "no route to host",
  E_HOST_UNKNOWN: "no such host",
  E_TLS_CERTIFICATE_REFUSED: "the certificate was refused",
  E_TLS_HANDSHAKE: "no agreement on encryption",
} as const satisfies Partial<Record<ErrorCode, string>>;

type ConnectionErrorCode = keyof typeof WORDS;

const CODES: ReadonlyMap<string, ConnectionErrorCode> = new Map([
  ["ECONNREFUSED", "E_CONNECTION_REFUSED"],
  ["EHOSTUNREACH", "E_HOST_UNREACHABLE"],
  ["ENETUNREACH", "E_HOST_UNREACHABLE"],
  ["EHOSTDOWN", "E_HOST_UNREACHABLE"],
  ["ENETDOWN", "E_HOST_UNREACHABLE"],
  ["EADDRNOTAVAIL", "E_HOST_UNREACHABLE"],
  ["ENOTFOUND", "E_HOST_UNKNOWN"],
  ["EAI_AGAIN", "E_HOST_UNKNOWN"],
  ["EAI_FAIL", "E_HOST_UNKNOWN"],
  ["ETIMEDOUT", "E_CONNECTION_TIMEOUT"],
  ["ERR_SOCKET_CONNECTION_TIMEOUT", "E_CONNECTION_TIMEOUT"],
  ["ECONNRESET", "E_CONNECTION_LOST"],
  ["ECONNABORTED", "E_CONNECTION_LOST"],
  ["EPIPE", "E_CONNECTION_LOST"],
  ["ERR_STREAM_PREMATURE_CLOSE", "E_CONNECTION_LOST"],
  ["ERR_STREAM_DESTROYED", "E_CONNECTION_LOST"],
  ["ERR_STREAM_WRITE_AFTER_END", "E_CONNECTION_LOST"],
]);

/** Alerts that judge a certificate (RFC 8446 section 6.2); a list that does not decode ends in `decode_error`. */
function tlsCode(code: string): "E_TLS_CERTIFICATE_REFUSED" | "E_TLS_HANDSHAKE" {
  return /_ALERT_(.*CERTIFICATE.*|UNKNOWN_CA|ACCESS_DENIED|DECODE_ERROR)$/.test(code)
    ? "E_TLS_CERTIFICATE_REFUSED"
    : "E_TLS_HANDSHAKE";
}

function systemCodeOf(error: unknown): string | undefined {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return typeof code === "string" ? code : undefined;
}
