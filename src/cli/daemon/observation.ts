import type { Writable } from "node:stream";
import { messageChain } from "../../core/errors.ts";
import type { Logger } from "../../core/logger.ts";
import { type ConsoleOutput, createLiveConsole, createPlainConsole } from "../../engine/console-view.ts";
import { EventHistory } from "../../engine/event-history.ts";
import { createEventLogger } from "../../engine/event-logger.ts";
import { EventStream } from "../../engine/events.ts";
import { createJournal } from "../../engine/journal.ts";
import { LogFiles } from "../../engine/log-files.ts";
import { LogRing } from "../../engine/log-ring.ts";
import { applyEvent, INITIAL_STATUS, type RunStatus } from "../../engine/status.ts";
import type { Host } from "../../system/host.ts";
import type { Flags } from "../flags/installer-flags.ts";

/** Everything that watches a run: console, memory, files. */
export interface Observation extends AsyncDisposable {
  readonly events: EventStream;
  readonly log: Logger;
  readonly ring: LogRing;
  /** Everything that happened, for views that come late. */
  readonly history: EventHistory;
  status(): RunStatus;
  /** Flushes the log file and tells where it is; undefined when none is written. */
  syncLog(): Promise<string | undefined>;
}

/** Terminals that are serial lines or system consoles: what is overwritten there is lost or garbled. */
const PLAIN_TERMINALS: ReadonlySet<string | undefined> = new Set([
  undefined,
  "",
  "dumb",
  "linux",
  "vt100",
  "vt102",
  "vt220",
]);

/** Subscribes all views to a new event stream. Trouble with log files is reported, never fatal. */
export async function startObservation(
  host: Pick<Host, "clock" | "files">,
  flags: Pick<Flags, "logbufLines" | "logDir" | "logFileMaxSize" | "logQuota" | "logDebugLevel">,
  stderr: Writable,
  terminalType: string | undefined,
): Promise<Observation> {
  await using resources = new AsyncDisposableStack();
  const events = new EventStream();
  const ring = new LogRing(flags.logbufLines);
  const history = new EventHistory();
  let status = INITIAL_STATUS;
  events.subscribe((event) => ring.record(event));
  events.subscribe((event) => {
    status = applyEvent(status, event);
  });
  // After the status: whoever is woken by an event finds it taken into account.
  events.subscribe((event) => history.record(event));
  events.subscribe(createConsole(stderr, terminalType));
  const log = createEventLogger({ events, clock: host.clock, debugLevel: flags.logDebugLevel });
  const logFiles = await openLogFiles(host, flags, events, resources, log);
  const owned = resources.move();
  return {
    events,
    log,
    ring,
    history,
    status: () => status,
    syncLog: async () => {
      await logFiles?.sync();
      return logFiles?.currentPath;
    },
    [Symbol.asyncDispose]: async () => owned.disposeAsync(),
  };
}

function createConsole(stderr: Writable, terminalType: string | undefined) {
  const columns = (): number | undefined => (stderr as { columns?: number }).columns;
  const output: ConsoleOutput = { write: (text) => void stderr.write(text), columns };
  const isLive = columns() !== undefined && !PLAIN_TERMINALS.has(terminalType);
  return isLive ? createLiveConsole(output) : createPlainConsole(output);
}

async function openLogFiles(
  host: Pick<Host, "clock" | "files">,
  flags: Pick<Flags, "logDir" | "logFileMaxSize" | "logQuota">,
  events: EventStream,
  resources: AsyncDisposableStack,
  log: Logger,
): Promise<LogFiles | undefined> {
  if (flags.logDir === "") return undefined;
  try {
    const logFiles = resources.use(
      await LogFiles.open({
        files: host.files,
        clock: host.clock,
        directory: flags.logDir,
        maximumFileBytes: flags.logFileMaxSize,
        quotaBytes: flags.logQuota,
      }),
    );
    const journal = resources.use(await host.files.openAppend(`${flags.logDir}/events.jsonl`));
    events.subscribe((event) => logFiles.record(event));
    events.subscribe(createJournal(journal));
    return logFiles;
  } catch (error) {
    log.warn(`no log files in ${flags.logDir}: ${messageChain(error)}`);
    return undefined;
  }
}
