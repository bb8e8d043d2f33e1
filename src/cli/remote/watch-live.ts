import type { Readable } from "node:stream";
import { InstallerError } from "../../core/errors.ts";
import { LogLevel, type Outcome, type Status } from "../../rpc/generated/installer.js";
import type { InstallerClient } from "../../rpc/grpc/client.ts";
import { type ConversationOptions, converse } from "./converse.ts";
import { KEPT_ENTRIES, LiveView } from "./live-view.ts";
import type { InputTerminal } from "./local-terminal.ts";
import type { Screen } from "./screen.ts";
import { isOver, streamEnded } from "./watch-plain.ts";

export interface WatchLiveOptions extends Omit<ConversationOptions, "onWait" | "onConnected"> {
  readonly stdin: Readable;
  /** Undefined: there are no keys. */
  readonly input: InputTerminal | undefined;
  readonly screen: Screen;
  readonly follow: boolean;
}

const POLL_MS = 1_000;
const FRAME_MS = 200;
const CTRL_C = 0x03;
const LEAVE = "leave";
const LEAVE_KEYS: ReadonlySet<number> = new Set(Buffer.from("qQ"));

/**
 * A live view on the whole terminal until the installation is over (with `follow` for ever) or the operator leaves.
 * Resolves with the last status, undefined when there never was one; Ctrl-C rejects with E_CANCELLED.
 */
export async function watchLive(options: WatchLiveOptions): Promise<Status | undefined> {
  const { screen, clock, signal } = options;
  const leaving = new AbortController();
  const stop = AbortSignal.any([signal, leaving.signal]);
  const view = new LiveView(options.machine.address, () => clock.monotonicMs());
  using _keys = listenForKeys(options, (key) => leaving.abort(key));
  const frames = keepDrawing(view, screen, clock, stop);
  try {
    await converse((client) => follow(client, view, { ...options, signal: stop }), {
      ...options,
      signal: stop,
      onWait: (reason) => view.lose(reason),
    });
  } catch (error) {
    if (!stop.aborted) throw error;
    if (stop.reason !== LEAVE) throw stop.reason;
  } finally {
    leaving.abort(LEAVE);
    await frames;
  }
  return view.status;
}

type Following = Pick<WatchLiveOptions, "clock" | "signal" | "follow" | "machine">;

/** One connection: status every second, log entries as they come. */
async function follow(client: InstallerClient, view: LiveView, options: Following): Promise<Outcome> {
  view.setStatus(await client.getStatus(options.signal));
  const stopping = new AbortController();
  const signal = AbortSignal.any([options.signal, stopping.signal]);
  const logs = followEntries(client, view, { ...options, signal });
  const statuses = pollStatus(client, view, { ...options, signal });
  try {
    return await Promise.race([logs, statuses]);
  } finally {
    stopping.abort();
    await Promise.allSettled([logs, statuses]);
  }
}

async function pollStatus(
  client: InstallerClient,
  view: LiveView,
  { clock, signal, follow: isEndless }: Following,
): Promise<Outcome> {
  for (;;) {
    const outcome = view.status?.outcome;
    if (outcome !== undefined && isOver(outcome) && !isEndless) return outcome;
    await clock.sleep(POLL_MS, signal);
    view.setStatus(await client.getStatus(signal));
  }
}

async function followEntries(
  client: InstallerClient,
  view: LiveView,
  { machine, signal }: Following,
): Promise<never> {
  const after = view.tracker.sequence;
  const request = {
    follow: true,
    minimumLevel: LogLevel.LOG_LEVEL_DEBUG,
    last: after === 0 ? KEPT_ENTRIES : 0,
    after,
  };
  for await (const entry of client.streamLogs(request, signal)) view.addEntry(entry);
  throw streamEnded(machine.address);
}

async function keepDrawing(
  view: LiveView,
  screen: Screen,
  clock: WatchLiveOptions["clock"],
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    view.draw(screen);
    await clock.sleep(FRAME_MS, signal).catch(() => undefined);
  }
}

/** `q` leaves, Ctrl-C interrupts, in raw mode as otherwise. */
function listenForKeys(
  { stdin, input }: Pick<WatchLiveOptions, "stdin" | "input">,
  onKey: (reason: typeof LEAVE | InstallerError) => void,
): Disposable {
  if (input === undefined) return { [Symbol.dispose]: () => undefined };
  const raw = input.enterRawMode();
  const listener = (chunk: Uint8Array): void => {
    const key = chunk[0] ?? 0;
    if (LEAVE_KEYS.has(key)) onKey(LEAVE);
    if (key === CTRL_C) onKey(new InstallerError("E_CANCELLED", "interrupted by Ctrl-C"));
  };
  stdin.on("data", listener);
  return {
    [Symbol.dispose]: () => {
      stdin.off("data", listener);
      stdin.pause();
      raw[Symbol.dispose]();
    },
  };
}
