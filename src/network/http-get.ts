import { Agent as HttpAgent, type IncomingMessage, request as requestHttp } from "node:http";
import { Agent as HttpsAgent, request as requestHttps } from "node:https";
import { TLSSocket } from "node:tls";
import { InstallerError, toError } from "../core/errors.ts";

/** A file to get from a web server. */
export interface HttpRequest {
  /** http or https; user and password in it are sent as basic authentication. */
  readonly url: string;
  /** PEM texts of the authorities that may vouch for an https server; undefined: those that the runtime knows. */
  readonly authorities?: readonly string[] | undefined;
  /** For everything, redirections included. */
  readonly timeoutMs: number;
  readonly limitBytes: number;
  /** Where http_proxy, https_proxy and no_proxy are looked for; none by default. */
  readonly environment?: NodeJS.ProcessEnv;
}

export interface HttpAnswer {
  readonly status: number;
  readonly statusText: string;
  /** Empty unless the status is 200. */
  readonly body: Buffer;
}

const MAXIMUM_REDIRECTIONS = 5;
const REDIRECTION: ReadonlySet<number | undefined> = new Set([301, 302, 303, 307, 308]);

/**
 * One GET. Follows a few redirections, but none from https to http: what was asked for under seal must not come in the
 * open. Rejects with E_HTTP for what another attempt would not change (certificate, size, redirection, not a URL), with the
 * abort reason, with a TimeoutError, or with a system error.
 */
export async function httpGet(request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
  const either = AbortSignal.any([signal, AbortSignal.timeout(request.timeoutMs)]);
  let url = parseUrl(request.url);
  for (let redirections = 0; ; redirections++) {
    const response = await send(url, request, either);
    const { statusCode: status = 0, statusMessage: statusText = "", headers } = response;
    if (!REDIRECTION.has(status) || headers.location === undefined) {
      const body = status === 200 ? await readBody(response, request.limitBytes, either) : Buffer.alloc(0);
      response.destroy();
      return { status, statusText, body };
    }
    response.destroy();
    if (redirections === MAXIMUM_REDIRECTIONS)
      throw refused(
        `more than ${MAXIMUM_REDIRECTIONS} redirections`,
        "the server sends its clients in circles",
      );
    url = redirect(url, headers.location);
  }
}

/** A URL as it may be shown: without user and password. */
export function withoutCredentials(url: string): string {
  return url.replace(/^([a-z]+:\/\/)[^/?#]*@/i, "$1");
}

function parseUrl(text: string, base?: URL): URL {
  const url = URL.parse(text, base);
  if (url?.protocol === "http:" || url?.protocol === "https:") return url;
  const shown = JSON.stringify(withoutCredentials(text));
  throw refused(`${shown} is not an http or https URL`, "write http://HOST/PATH or https://HOST/PATH");
}

function redirect(from: URL, location: string): URL {
  const to = parseUrl(location, from);
  if (from.protocol === "https:" && to.protocol === "http:")
    throw refused(
      `${from.host} redirects from https to http`,
      "correct the server, or name the http URL yourself if that is meant",
    );
  return to;
}

function send(url: URL, request: HttpRequest, signal: AbortSignal): Promise<IncomingMessage> {
  const { authorities, environment = {} } = request;
  return new Promise((resolve, reject) => {
    const sent =
      url.protocol === "https:"
        ? requestHttps(url, {
            signal,
            agent: new HttpsAgent({ proxyEnv: environment }),
            ...(authorities === undefined ? {} : { ca: [...authorities] }),
          })
        : requestHttp(url, { signal, agent: new HttpAgent({ proxyEnv: environment }) });
    sent.on("response", resolve);
    sent.on("error", (error) =>
      reject(signal.aborted ? toError(signal.reason) : explain(error, sent.socket, url)),
    );
    sent.end();
  });
}

/** A certificate that is not accepted now will not be accepted in a second either. */
function explain(error: Error, socket: unknown, url: URL): Error {
  const isRefused = socket instanceof TLSSocket && socket.authorizationError;
  if (!isRefused) return error;
  return new InstallerError("E_HTTP", `the certificate of ${url.host} is not accepted`, {
    cause: error,
    hint: "put the authority that signed it into /etc/ssl/CA.pem or /etc/ssl/certs/ca-certificates.crt, and check the clock",
  });
}

async function readBody(response: IncomingMessage, limitBytes: number, signal: AbortSignal): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let totalBytes = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      totalBytes += chunk.byteLength;
      if (totalBytes > limitBytes)
        throw refused(
          `the answer is larger than ${limitBytes} bytes`,
          "check that the URL leads to the right file",
        );
      chunks.push(chunk);
    }
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  }
  return Buffer.concat(chunks, totalBytes);
}

function refused(message: string, hint: string): InstallerError {
  return new InstallerError("E_HTTP", message, { hint });
}
