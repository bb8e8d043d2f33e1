import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { messageChain } from "../../core/errors.ts";
import type { Logger } from "../../core/logger.ts";
import type { Clock } from "../../system/power.ts";
import type { AccessPolicy } from "../access-policy.ts";
import type { Caller } from "../caller.ts";
import { sendAnswer, textAnswer } from "./answer.ts";
import type { LiveFeeds } from "./live.ts";
import type { LogsPages } from "./logs/logs-pages.ts";
import type { MetricsSource } from "./metrics/metrics-source.ts";
import type { PageSource } from "./page-source.ts";
import { refuse } from "./refuse.ts";
import { findRoute, type Route } from "./routes.ts";

export interface HttpListenerOptions {
  readonly source: PageSource;
  readonly live: Pick<LiveFeeds, "servePage" | "serveEvents">;
  readonly logs: LogsPages;
  readonly metrics: MetricsSource;
  readonly policy: Pick<AccessPolicy, "allows">;
  /** Who is at the other end of a connection. */
  readonly callerOf: (socket: Socket) => Caller;
  readonly clock: Pick<Clock, "nowMs">;
  readonly log: Logger;
}

/** The original does not look at the method: what is posted is not read. */
const METHODS: ReadonlySet<string | undefined> = new Set(["GET", "HEAD", "POST"]);
const LONGEST_TARGET = 8 * 1024;

/**
 * All pages of port 6978 (spec/metrics.md, spec/lifecycle.md section 6). Not listening: connections come from the shared
 * port (src/rpc/port), which also limits them and answers the paths of SRPC.
 */
export function createHttpListener(options: HttpListenerOptions): RequestListener {
  return (request, response) => void serve(request, response, options);
}

/** Never rejects. */
async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  options: HttpListenerOptions,
): Promise<void> {
  try {
    await serveRoute(request, response, options);
  } catch (error) {
    // What went wrong is for the log, not for strangers.
    options.log.error(`answering a request: ${messageChain(error)}`);
    if (response.headersSent) response.destroy();
    else await sendAnswer(request, response, textAnswer(500, "internal error\n"));
  }
}

async function serveRoute(
  request: IncomingMessage,
  response: ServerResponse,
  options: HttpListenerOptions,
): Promise<void> {
  const target = request.url ?? "/";
  if (!METHODS.has(request.method)) {
    const answer = {
      ...textAnswer(405, "method not allowed\n", "bare"),
      headers: { Allow: "GET, HEAD, POST" },
    };
    await sendAnswer(request, response, answer);
    return;
  }
  if (target.length > LONGEST_TARGET) {
    await sendAnswer(request, response, textAnswer(414, "URI too long\n", "bare"));
    return;
  }
  const questionMark = target.indexOf("?");
  const path = questionMark < 0 ? target : target.slice(0, questionMark);
  const query = questionMark < 0 ? "" : target.slice(questionMark + 1);
  const route = findRoute(path);
  const refusal = refusalOf(route, request, options);
  if (refusal !== undefined) await sendAnswer(request, response, refusal);
  else if ("live" in route) options.live[route.live](request, response);
  else {
    const answer = await route.answer({ path, query, headers: request.headers }, options);
    await sendAnswer(request, response, answer);
  }
}

function refusalOf(
  { access }: Route,
  request: IncomingMessage,
  { policy, callerOf }: HttpListenerOptions,
): ReturnType<typeof refuse> | undefined {
  if (access === "everybody") return undefined;
  const caller = callerOf(request.socket);
  return policy.allows(caller, access) ? undefined : refuse(caller);
}
