import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { InstallerError, messageChain } from "../../core/errors.ts";
import { Admission } from "./admission.ts";
import { Dispatcher } from "./dispatcher.ts";
import { DEFAULT_PORT_LIMITS, type PortOptions } from "./port-options.ts";
import { PortCounters, type PortStatistics } from "./statistics.ts";

/** A listening port. */
export interface ListeningPort extends AsyncDisposable {
  readonly address: string;
  readonly port: number;
  statistics(): PortStatistics;
  /** Stops listening and drops all connections. */
  close(): Promise<void>;
}

/** Until whoever speaks the protocol says otherwise. */
const KEEP_ALIVE_MS = 60_000;

/**
 * One TCP port for SRPC, HTTP, HTTPS and gRPC, told apart by the first bytes, with limits on what strangers may cost.
 * Rejects with E_PORT_UNAVAILABLE.
 */
export async function listenOnPort(given: PortOptions): Promise<ListeningPort> {
  const options = { ...DEFAULT_PORT_LIMITS, ...given };
  const counters = new PortCounters();
  const admission = new Admission(options);
  const dispatcher = new Dispatcher(options, counters);
  const sockets = new Set<Socket>();
  const accept = (socket: Socket): void => {
    // An error is always followed by the closing of the connection, which is what everybody looks at.
    socket.on("error", () => undefined);
    const { remoteAddress } = socket;
    if (remoteAddress === undefined) {
      socket.destroy();
      return;
    }
    const refusal = admission.admit(remoteAddress, performance.now());
    if (refusal !== undefined) {
      counters.countRefused(refusal);
      socket.resetAndDestroy();
      return;
    }
    counters.countAccepted();
    sockets.add(socket);
    socket.once("close", () => {
      sockets.delete(socket);
      admission.release(remoteAddress);
    });
    void dispatcher.dispatch(socket);
  };
  const server = createServer(
    { noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS },
    accept,
  );
  await listen(server, options);
  const { address, port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    if (!server.listening) return;
    const closed = once(server, "close");
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  const statistics = (): PortStatistics => counters.snapshot(admission.open);
  return { address, port, statistics, close, [Symbol.asyncDispose]: close };
}

async function listen(server: Server, options: PortOptions): Promise<void> {
  server.listen({ port: options.port, ...(options.host === undefined ? {} : { host: options.host }) });
  try {
    await once(server, "listening");
  } catch (error) {
    throw new InstallerError("E_PORT_UNAVAILABLE", `listening on port ${options.port}`, { cause: error });
  }
  server.on("error", (error) =>
    options.log.warn("accepting a connection failed", { reason: messageChain(error) }),
  );
}
