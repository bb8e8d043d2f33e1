import { hasCode } from "../../core/errors.ts";
import type { RemoteShell } from "../../rpc/grpc/client.ts";
import { type Call, connectSrpc, type SrpcConnection } from "../../rpc/srpc/client.ts";
import type { DialOptions } from "../../rpc/srpc/dial.ts";

const MAX_PIECE_BYTES = 64 * 1024;

/** A shell of an original installer, and whether its connection is encrypted. */
export interface SrpcShell {
  readonly isSecure: boolean;
  open(): Promise<RemoteShell>;
  close(): void;
}

/**
 * Connects to an installer that only knows the original's protocol (SRPC `Installer.Shell`, spec/srpc.md section 10):
 * a stream of bytes that begins with the log, without window size and exit code. The errors of `connectSrpc`.
 */
export async function connectSrpcShell(options: DialOptions, signal: AbortSignal): Promise<SrpcShell> {
  const connection = await connectSrpc({ ...options, inactivityTimeoutMs: 0 }, signal);
  return {
    isSecure: connection.isSecure,
    open: async () => remoteShell(connection, await connection.openCall("Installer.Shell", signal)),
    close: () => connection.close(),
  };
}

function remoteShell(connection: SrpcConnection, call: Call): RemoteShell {
  const exited = Promise.withResolvers<{ readonly exitCode: number }>();
  const end = (): void => connection.close();
  return {
    device: "",
    output: readOutput(call, () => exited.resolve({ exitCode: 0 })),
    exit: exited.promise,
    write: async (bytes) => call.write(bytes),
    resize: () => undefined,
    signal: () => undefined,
    end,
    [Symbol.dispose]: end,
  };
}

/** The original says nothing at the end of a shell; it closes the connection. */
async function* readOutput(call: Call, onEnd: () => void): AsyncGenerator<Uint8Array, void> {
  try {
    for (;;) yield await call.readSome(MAX_PIECE_BYTES);
  } catch (error) {
    if (!hasCode(error, "E_STREAM_ENDED")) throw error;
  } finally {
    onEnd();
  }
}
