import { STATUS_CODES } from "node:http";

/** A complete answer to an HTTP request. */
export interface HttpAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Plain text; an empty body has no type (spec/srpc.md section 9). */
export function textAnswer(statusCode: number, body: string): HttpAnswer {
  const headers: Record<string, string> = body === "" ? {} : { "Content-Type": TEXT_TYPE };
  return { statusCode, headers, body };
}

/** A refusal of the CONNECT exchange: typed although empty (section 3.3). */
export function refusal(statusCode: number): HttpAnswer {
  return { statusCode, headers: { "Content-Type": TEXT_TYPE }, body: "" };
}

export function redirectAnswer(location: string): HttpAnswer {
  return { statusCode: 307, headers: { Location: location }, body: "" };
}

/** The bytes of `answer` for a connection that is closed afterwards (HTTP/1.0). */
export function renderAnswer(answer: HttpAnswer, date: Date): string {
  const headers = {
    ...answer.headers,
    Date: date.toUTCString(),
    "Content-Length": String(Buffer.byteLength(answer.body)),
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const reason = STATUS_CODES[answer.statusCode] ?? "";
  return `HTTP/1.0 ${answer.statusCode} ${reason}\r\n${lines.join("")}\r\n${answer.body}`;
}

const TEXT_TYPE = "text/plain; charset=utf-8";
