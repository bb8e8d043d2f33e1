import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { silentLogger } from "../../src/core/logger.ts";
import { formatLogLine } from "../../src/engine/log-line.ts";
import { AccessPolicy } from "../../src/rpc/access-policy.ts";
import { anonymousCaller, peerOf } from "../../src/rpc/caller.ts";
import { createHttpListener } from "../../src/rpc/http/listener.ts";
import { LiveFeeds, type LiveFeedsOptions } from "../../src/rpc/http/live.ts";
import { LogStore } from "../../src/rpc/http/logs/log-store.ts";
import { LogsPages } from "../../src/rpc/http/logs/logs-pages.ts";
import { NodeOwnProcess } from "../../src/system/node/node-own-process.ts";
import { MemoryFileSystem } from "./memory-file-system.ts";

/** All pages of the daemon on a loopback port of their own. */
export interface PageServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly live: LiveFeeds;
  /** Drops all connections, as when the machine goes away, and takes new ones. */
  dropConnections(): void;
}

/** `port` 0: any. */
export async function startPageServer(
  options: Omit<LiveFeedsOptions, "log">,
  wantedPort = 0,
): Promise<PageServer> {
  const { source } = options;
  const live = new LiveFeeds({ log: silentLogger, ...options });
  const clock = { nowMs: () => Date.now(), monotonicMs: () => performance.now() };
  const ownProcess = new NodeOwnProcess();
  const memory = (): readonly string[] =>
    source.logEvents().flatMap(({ event }) => (event.kind === "log" ? [formatLogLine(event)] : []));
  const server = createServer(
    createHttpListener({
      source,
      live,
      logs: new LogsPages({
        store: new LogStore({ files: new MemoryFileSystem(), directory: "", firstFile: "", memory }),
        clock,
        ownProcess,
      }),
      metrics: { snapshot: () => source.snapshot(), ownProcess, flags: [] },
      policy: new AccessPolicy({
        statusAccess: "open",
        isInsecure: false,
        trustedUsers: [],
        trustedGroups: [],
      }),
      callerOf: (socket) => anonymousCaller(peerOf(socket), false),
      clock,
      log: silentLogger,
    }),
  );
  server.listen(wantedPort, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    live,
    port,
    url: `http://127.0.0.1:${port}/`,
    dropConnections: () => server.closeAllConnections(),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
