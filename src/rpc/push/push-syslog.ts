import { messageChain } from "../../core/errors.ts";
import type { Logger } from "../../core/logger.ts";
import type { EventHistory } from "../../engine/event-history.ts";
import type { Notice } from "../../engine/facts.ts";
import type { Clock } from "../../system/power.ts";
import { type Batch, Pump } from "./pump.ts";
import { formatLoss, formatSyslogMessage, type SyslogSender } from "./syslog-message.ts";
import type { SyslogTarget } from "./syslog-target.ts";
import { createSyslogTransport } from "./syslog-transport.ts";

export interface SyslogPushOptions {
  /** From parseSyslogTarget. */
  readonly target: SyslogTarget;
  readonly history: EventHistory;
  readonly sender: () => SyslogSender;
  readonly clock: Pick<Clock, "sleep" | "nowMs" | "monotonicMs">;
  readonly log: Logger;
  /** Shows an operator what is wrong; a notice with empty text takes it back. */
  readonly notify: (notice: Notice) => void;
}

const MOST_EVENTS = 100;
const GATHER_MS = 200;

/**
 * Sends log messages and what becomes of the steps to a log server (RFC 5424), in order. By TCP a connection that ends is
 * opened again, and what could not be written is written again; by UDP nobody knows what arrives.
 */
export function startSyslogPush(options: SyslogPushOptions): Pump {
  const { target, history, clock, log, notify } = options;
  const place = `${target.transport}://${target.host.includes(":") ? `[${target.host}]` : target.host}:${target.port}`;
  const transport = createSyslogTransport(target);
  /** What of a batch that is tried again has left already. */
  let sent = 0;
  const deliver = async ({ lost, events }: Batch, signal: AbortSignal): Promise<void> => {
    const startedMs = clock.nowMs() - clock.monotonicMs();
    const sender = options.sender();
    const [first] = events;
    if (lost > 0 && first !== undefined && sent < first.sequence)
      await transport.send(formatLoss(lost, sender, clock.nowMs()), signal);
    for (const item of events) {
      if (item.sequence <= sent) continue;
      const message = formatSyslogMessage(item, sender, startedMs + item.event.at, transport.limitBytes);
      if (message !== undefined) await transport.send(message, signal);
      sent = item.sequence;
    }
  };
  return new Pump({
    history,
    clock,
    mostEvents: MOST_EVENTS,
    gatherMs: GATHER_MS,
    deliver,
    onTrouble: (error) => {
      const text = `log messages do not reach ${place}: ${messageChain(error)}`;
      log.warn(text);
      notify({ id: "syslog-push", severity: "warning", text });
    },
    onRecovery: () => {
      log.info(`log messages reach ${place} again`);
      notify({ id: "syslog-push", severity: "warning", text: "" });
    },
    onStopped: () => transport[Symbol.dispose](),
  });
}
