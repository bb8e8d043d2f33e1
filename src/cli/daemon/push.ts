import type { Logger } from "../../core/logger.ts";
import type { EventHistory } from "../../engine/event-history.ts";
import type { Notice } from "../../engine/facts.ts";
import type { Snapshot } from "../../engine/snapshot.ts";
import { parseEventUrl } from "../../rpc/push/post.ts";
import type { Pump } from "../../rpc/push/pump.ts";
import { startEventPush } from "../../rpc/push/push-events.ts";
import { startSyslogPush } from "../../rpc/push/push-syslog.ts";
import { parseSyslogTarget, type SyslogTarget } from "../../rpc/push/syslog-target.ts";
import type { Credentials } from "../../rpc/tls/credentials.ts";
import type { Clock } from "../../system/power.ts";
import type { Flags } from "../flags/installer-flags.ts";

/** Who is told of events. */
export interface PushTargets {
  readonly eventUrl: URL | undefined;
  readonly syslog: SyslogTarget | undefined;
}

/** What -eventUrl and -syslog say; E_USAGE. */
export function parsePushTargets({ eventUrl, syslog }: Pick<Flags, "eventUrl" | "syslog">): PushTargets {
  return {
    eventUrl: eventUrl === "" ? undefined : parseEventUrl(eventUrl),
    syslog: syslog === "" ? undefined : parseSyslogTarget(syslog),
  };
}

export interface PushOptions {
  readonly targets: PushTargets;
  readonly history: EventHistory;
  readonly snapshot: () => Snapshot;
  readonly credentials: Credentials;
  readonly clock: Clock;
  readonly log: Logger;
  readonly notify: (notice: Notice) => void;
}

/** Starts to tell the targets everything that has happened and will happen. */
export function startPushes(options: PushOptions): readonly Pump[] {
  const { targets, history, snapshot, credentials, clock, log, notify } = options;
  const common = { history, clock, log, notify };
  const pumps: Pump[] = [];
  if (targets.eventUrl !== undefined)
    pumps.push(
      startEventPush({
        ...common,
        url: targets.eventUrl,
        origin: () => {
          const { hostname, machine, version, startedUnixMs } = snapshot();
          return { hostname, serial: machine.serial, version, startedUnixMs };
        },
        credentials: credentials.client,
        authorities: authoritiesOf(credentials),
      }),
    );
  if (targets.syslog !== undefined)
    pumps.push(
      startSyslogPush({
        ...common,
        target: targets.syslog,
        sender: () => ({ hostname: snapshot().hostname, processId: process.pid }),
      }),
    );
  return pumps;
}

/** Those that vouch for our clients may vouch for who receives our events as well. */
function authoritiesOf({ server }: Credentials): readonly string[] {
  return (server?.anchors?.methodRoots ?? []).map((certificate) => certificate.toString());
}
