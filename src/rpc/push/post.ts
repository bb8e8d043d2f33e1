import { Agent as HttpAgent, type OutgoingHttpHeaders, request as requestHttp } from "node:http";
import { Agent as HttpsAgent, request as requestHttps } from "node:https";
import { rootCertificates } from "node:tls";
import { InstallerError } from "../../core/errors.ts";
import type { ClientCredentials } from "../tls/credentials.ts";

export interface PosterOptions {
  /** http or https. */
  readonly url: URL;
  /** Shown to https servers that ask. */
  readonly credentials?: ClientCredentials;
  /** PEM texts of authorities that may vouch for an https server, besides those that the runtime knows. */
  readonly authorities: readonly string[];
}

const TIMEOUT_MS = 30_000;
/** Of what the server says, for messages. */
const LONGEST_ANSWER = 200;

/** Posts bodies to one URL, one after the other, on one connection as long as it lasts. */
export class Poster implements Disposable {
  readonly #options: PosterOptions;
  readonly #agent: HttpAgent | HttpsAgent;

  constructor(options: PosterOptions) {
    this.#options = options;
    const { url, credentials, authorities } = options;
    const keeping = { keepAlive: true, maxSockets: 1 };
    this.#agent =
      url.protocol === "https:"
        ? new HttpsAgent({
            ...keeping,
            ca: [...rootCertificates, ...authorities],
            ...(credentials === undefined
              ? {}
              : { cert: credentials.certificates, key: Buffer.from(credentials.key.expose()) }),
          })
        : new HttpAgent(keeping);
  }

  /**
   * One POST of JSON. Rejects with a system error, an error of TLS, a TimeoutError, or E_EVENT_REFUSED when the answer is
   * not a 2xx; redirections are not followed.
   */
  async post(body: Buffer, headers: OutgoingHttpHeaders, signal: AbortSignal): Promise<void> {
    const { statusCode, text } = await this.#send(
      body,
      headers,
      AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    );
    if (statusCode >= 200 && statusCode < 300) return;
    throw new PostRefusedError(
      statusCode,
      `the server answers ${statusCode}${text === "" ? "" : `: ${text}`}`,
    );
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }

  #send(
    body: Buffer,
    headers: OutgoingHttpHeaders,
    signal: AbortSignal,
  ): Promise<{ readonly statusCode: number; readonly text: string }> {
    const { url } = this.#options;
    return new Promise((resolve, reject) => {
      const send = url.protocol === "https:" ? requestHttps : requestHttp;
      const request = send(url, {
        method: "POST",
        agent: this.#agent,
        signal,
        headers: { "Content-Type": "application/json", "Content-Length": body.length, ...headers },
      });
      request.once("error", reject);
      request.once("response", (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (piece: string) => {
          text = (text + piece).slice(0, LONGEST_ANSWER);
        });
        response.once("error", reject);
        response.once("end", () =>
          resolve({ statusCode: response.statusCode ?? 0, text: text.replace(/\p{C}+/gu, " ").trim() }),
        );
      });
      request.end(body);
    });
  }
}

/** The server understood, and does not want what it got. */
export class PostRefusedError extends InstallerError {
  readonly statusCode: number;

  constructor(statusCode: number, message: string) {
    super("E_EVENT_REFUSED", message);
    this.statusCode = statusCode;
  }
}

/** The target of a request as it is signed: without user, password and fragment. */
export function targetUriOf(url: URL): string {
  const target = new URL(url);
  target.username = "";
  target.password = "";
  target.hash = "";
  return target.href;
}

/** Throws E_USAGE for what is no http or https URL. */
export function parseEventUrl(text: string): URL {
  const url = URL.parse(text);
  if (url !== null && (url.protocol === "http:" || url.protocol === "https:") && url.hostname !== "")
    return url;
  throw new InstallerError("E_USAGE", "the event URL is not http://HOST/PATH or https://HOST/PATH");
}
