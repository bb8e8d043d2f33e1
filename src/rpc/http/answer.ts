import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

const PAGE_HEADERS = {
  "X-Frame-Options": "DENY",
  "X-XSS-Protection": "1",
  "X-Content-Type-Options": "nosniff",
  "Content-Security-Policy": "default-src 'self' ;style-src 'self' 'unsafe-inline'",
  "Cache-Control": "no-store",
} as const;

const { "X-Content-Type-Options": _, ...METRICS_HEADERS } = PAGE_HEADERS;

/** Which headers paths have in common (spec/metrics.md section 1); `bare` for what only programs read. */
const COMMON_HEADERS = { page: PAGE_HEADERS, metrics: METRICS_HEADERS, bare: {} } as const;

export type HeaderKind = keyof typeof COMMON_HEADERS;

/** What a path answers. */
export interface Answer {
  readonly statusCode: number;
  readonly type: string;
  readonly headerKind: HeaderKind;
  /** Pieces are asked for as the client takes them. */
  readonly body: string | Buffer | AsyncIterable<string>;
  readonly headers?: Readonly<Record<string, string>>;
}

export const TEXT = "text/plain; charset=utf-8";
export const HTML = "text/html; charset=utf-8";
export const JSON_TYPE = "application/json";

/** A plain text, as errors and short answers are. */
export function textAnswer(statusCode: number, body: string, headerKind: HeaderKind = "page"): Answer {
  return { statusCode, type: TEXT, headerKind, body };
}

/** Go's words. */
export const NOT_FOUND = textAnswer(404, "404 page not found\n", "bare");

/** Sends `answer` at the pace of the client; resolves when all has left or the client is gone. Never rejects. */
export async function sendAnswer(
  request: IncomingMessage,
  response: ServerResponse,
  answer: Answer,
): Promise<void> {
  const { body } = answer;
  const isWhole = typeof body === "string" || Buffer.isBuffer(body);
  response.writeHead(answer.statusCode, {
    ...COMMON_HEADERS[answer.headerKind],
    "Content-Type": answer.type,
    ...(isWhole ? { "Content-Length": Buffer.byteLength(body) } : {}),
    // The rest of a body that nobody reads must not keep the connection busy.
    ...(request.method === "POST" ? { Connection: "close" } : {}),
    ...answer.headers,
  });
  if (request.method === "HEAD") response.end();
  else if (isWhole) response.end(body);
  else await pipeline(Readable.from(body), response).catch(() => response.destroy());
}
