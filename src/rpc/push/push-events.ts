import { randomUUID } from "node:crypto";
import { messageChain } from "../../core/errors.ts";
import type { Logger } from "../../core/logger.ts";
import type { EventHistory } from "../../engine/event-history.ts";
import type { Notice } from "../../engine/facts.ts";
import type { Clock } from "../../system/power.ts";
import type { ClientCredentials } from "../tls/credentials.ts";
import { type EventOrigin, formatEventBatch } from "./event-batch.ts";
import { createRequestSigner, type RequestSigner } from "./http-signature.ts";
import { Poster, PostRefusedError, targetUriOf } from "./post.ts";
import { type Batch, Pump } from "./pump.ts";

export interface EventPushOptions {
  /** From parseEventUrl. */
  readonly url: URL;
  readonly history: EventHistory;
  readonly origin: () => Omit<EventOrigin, "run">;
  /** Our certificate: shown to https servers, and its key signs the requests. Undefined: neither. */
  readonly credentials: ClientCredentials | undefined;
  /** PEM texts of authorities that may vouch for an https server, besides those that the runtime knows. */
  readonly authorities: readonly string[];
  readonly clock: Pick<Clock, "sleep" | "nowMs">;
  readonly log: Logger;
  /** Shows an operator what is wrong; a notice with empty text takes it back. */
  readonly notify: (notice: Notice) => void;
}

const MOST_EVENTS = 100;
const GATHER_MS = 1_000;
/** Answers that mean that this very batch will never be taken. */
const HOPELESS: ReadonlySet<number> = new Set([400, 413, 415, 422]);

/**
 * Posts all events to `-eventUrl` in batches, in order, at least once each, signed with the certificate's key. Failures are
 * tried again for as long as it takes; disposing stops at once.
 */
export function startEventPush(options: EventPushOptions): Pump {
  const { url, history, clock, log, notify, credentials, authorities } = options;
  const place = `${url.protocol}//${url.host}`;
  const signer = credentials === undefined ? undefined : createRequestSigner(credentials);
  if (signer === undefined)
    notify({
      id: "events-unsigned",
      severity: "info",
      text: `events go to ${place} unsigned: ${credentials === undefined ? "there is no certificate" : "HTTP signatures do not know this kind of key"}`,
    });
  const poster = new Poster({ url, authorities, ...(credentials === undefined ? {} : { credentials }) });
  const run = randomUUID();
  let refused = 0;
  const deliver = async ({ lost, events }: Batch, signal: AbortSignal): Promise<void> => {
    const body = formatEventBatch({ lost: lost + refused, events }, { ...options.origin(), run });
    try {
      await poster.post(body, signedHeaders(signer, url, body, clock), signal);
      refused = 0;
    } catch (error) {
      if (!(error instanceof PostRefusedError) || !HOPELESS.has(error.statusCode)) throw error;
      // Said once only: what is logged is an event, too.
      if (refused === 0) log.warn(`events are lost: ${place}: ${messageChain(error)}`);
      refused += lost + events.length;
    }
  };
  return new Pump({
    history,
    clock,
    mostEvents: MOST_EVENTS,
    gatherMs: GATHER_MS,
    deliver,
    onTrouble: (error) => {
      const text = `events do not reach ${place}: ${messageChain(error)}`;
      log.warn(text);
      notify({ id: "event-push", severity: "warning", text });
    },
    onRecovery: () => {
      log.info(`events reach ${place} again`);
      notify({ id: "event-push", severity: "warning", text: "" });
    },
    onStopped: () => poster[Symbol.dispose](),
  });
}

function signedHeaders(
  signer: RequestSigner | undefined,
  url: URL,
  body: Buffer,
  clock: Pick<Clock, "nowMs">,
): Readonly<Record<string, string>> {
  return (
    signer?.sign({
      method: "POST",
      targetUri: targetUriOf(url),
      body,
      createdUnixSeconds: Math.floor(clock.nowMs() / 1000),
    }) ?? {}
  );
}
