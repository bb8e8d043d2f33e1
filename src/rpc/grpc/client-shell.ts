import type { ClientDuplexStream } from "@grpc/grpc-js";
import { InstallerError } from "../../core/errors.ts";
import type { ShellInput, ShellOutput } from "../generated/installer.js";
import type { RemoteShell, ShellOptions } from "./client.ts";
import { type Connection, drained, readMessages } from "./client-calls.ts";
import { INSTALLER_METHODS } from "./methods.ts";

const UNKNOWN_SIZE = { columns: 0, rows: 0 };
/** What is pasted goes in pieces well below the server's limit for a message. */
const PIECE_BYTES = 16 << 10;

/** Opens a shell on the other machine; the errors of calls, and E_TLS_HANDSHAKE when its input would go in the clear. */
export async function openRemoteShell(
  connection: Connection,
  options: ShellOptions,
  signal: AbortSignal,
): Promise<RemoteShell> {
  const attempt = "opening a shell on";
  if (!connection.isSecure && options.allowClear !== true)
    throw new InstallerError("E_TLS_HANDSHAKE", `${attempt} ${connection.peer}: it offers no encryption`, {
      hint: "what is typed would be readable on the network: give the installer a certificate",
    });
  signal.throwIfAborted();
  const { path, requestSerialize, responseDeserialize } = INSTALLER_METHODS.Shell;
  const call = connection.client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize);
  const messages = readMessages(call, attempt, connection, signal);
  call.write({
    start: { size: options.size ?? UNKNOWN_SIZE, terminalType: options.terminalType ?? "" },
  });
  const first = await messages.next();
  const device = first.done === true ? undefined : first.value.started?.device;
  if (device === undefined) {
    call.cancel();
    throw new InstallerError("E_SRPC_PROTOCOL", `${attempt} ${connection.peer}: unexpected answer`);
  }
  return new GrpcRemoteShell(device, call, messages, connection.peer);
}

class GrpcRemoteShell implements RemoteShell {
  readonly device: string;
  readonly output: AsyncIterable<Uint8Array>;
  readonly exit: Promise<{ readonly exitCode: number }>;
  readonly #call: ClientDuplexStream<ShellInput, ShellOutput>;
  readonly #exited = Promise.withResolvers<{ readonly exitCode: number }>();
  #isOver = false;

  constructor(
    device: string,
    call: ClientDuplexStream<ShellInput, ShellOutput>,
    messages: AsyncGenerator<ShellOutput, void>,
    peer: string,
  ) {
    this.device = device;
    this.#call = call;
    this.exit = this.#exited.promise;
    // Whoever reads the output learns of a failure there.
    this.exit.catch(() => undefined);
    this.output = this.#read(messages, peer);
    call.once("close", () => (this.#isOver = true));
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (let start = 0; start < bytes.length; start += PIECE_BYTES)
      await this.#send({ data: bytes.subarray(start, start + PIECE_BYTES) });
  }

  resize(size: { readonly columns: number; readonly rows: number }): void {
    void this.#send({ resize: size });
  }

  signal(name: string): void {
    void this.#send({ signal: name });
  }

  end(): void {
    this.#isOver = true;
    this.#call.end();
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    this.#call.cancel();
  }

  async #send(input: ShellInput): Promise<void> {
    if (this.#isOver || this.#call.write(input)) return;
    await drained(this.#call);
  }

  async *#read(messages: AsyncGenerator<ShellOutput, void>, peer: string): AsyncGenerator<Uint8Array, void> {
    try {
      for await (const { data, ended } of messages) {
        if (data !== undefined) yield data;
        if (ended === undefined) continue;
        this.#isOver = true;
        this.#exited.resolve({ exitCode: ended.exitCode });
        return;
      }
      throw new InstallerError("E_CONNECTION_LOST", `reading from the shell of ${peer}: it ended early`);
    } catch (error) {
      this.#exited.reject(error);
      throw error;
    } finally {
      this.#isOver = true;
    }
  }
}
