import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { byteReaderFromIterable } from "../../src/rpc/byte-reader.ts";
import type { TestCertificate } from "../support/certificates.ts";
import { CountingReader } from "./srpc-stream.ts";

/** Longest wait for anything that a server says; it answers within milliseconds. */
const ANSWER_TIMEOUT_MS = 5_000;

/** How the bytes of the client arrive; the server may not care. */
export type Pace =
  | "as recorded"
  | "byte by byte"
  /** The first call in one piece with the request head, on connections without TLS. */
  | "with the head";

/** A connection to a server under test, before or inside TLS. */
export class LiveConnection implements Disposable {
  readonly reader: CountingReader;
  readonly #socket: Socket;
  readonly #pace: Pace;
  readonly #received: Received;

  private constructor(socket: Socket, pace: Pace) {
    this.#socket = socket;
    this.#pace = pace;
    this.#received = receive(socket);
    this.reader = new CountingReader(byteReaderFromIterable(this.#received.chunks()));
  }

  static async open(port: number, pace: Pace = "as recorded"): Promise<LiveConnection> {
    const socket = connect({ host: "127.0.0.1", port, noDelay: true });
    await once(socket, "connect");
    return new LiveConnection(socket, pace);
  }

  send(bytes: Uint8Array): void {
    if (this.#pace !== "byte by byte") this.#socket.write(bytes);
    else for (let at = 0; at < bytes.length; at += 1) this.#socket.write(bytes.subarray(at, at + 1));
  }

  /** Reads the head of an answer, to its blank line. */
  async readHead(): Promise<Buffer> {
    const lines: string[] = [];
    for (let line = await this.reader.line(); ; line = await this.reader.line()) {
      lines.push(`${line}\n`);
      if (line === "" || line === "\r") return Buffer.from(lines.join(""), "latin1");
    }
  }

  /** Everything until `isDone` says that it is all; throws when the server says no more before that. */
  async readUntil(isDone: (text: string) => boolean): Promise<string> {
    let text = "";
    while (!isDone(text)) {
      const part = await this.reader.some();
      if (part === undefined) throw new Error(`the server ends after ${JSON.stringify(text)}`);
      text += part.toString("latin1");
    }
    return text;
  }

  /** TLS from here on, with this certificate; what the result reads and sends is inside. */
  async startTls({ certificate, key }: TestCertificate): Promise<LiveConnection> {
    this.#received.stop();
    const secure = connectTls({
      socket: this.#socket,
      cert: certificate,
      key,
      rejectUnauthorized: false,
      minVersion: "TLSv1.2",
    });
    await once(secure, "secureConnect");
    return new LiveConnection(secure, this.#pace);
  }

  /** Tells the server that there is no more to come. */
  end(): void {
    this.#socket.end();
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }
}

interface Received {
  chunks(): AsyncGenerator<Uint8Array, undefined>;
  /** Leaves the socket to another reader; nothing may have arrived that nobody has read. */
  stop(): void;
}

/** What arrives on a socket, and nothing of our own readers in between. Breaking a connection off is no end. */
function receive(socket: Socket): Received {
  const arrived: Uint8Array[] = [];
  let end: Error | "end" | undefined;
  let wake = (): void => undefined;
  const finish = (how: Error | "end"): void => {
    end ??= how;
    wake();
  };
  const onData = (chunk: Uint8Array): void => {
    arrived.push(chunk);
    wake();
  };
  socket.on("data", onData);
  socket.on("end", () => finish("end"));
  socket.on("error", finish);
  socket.on("close", () => finish(new Error("the server breaks the connection off")));

  async function* chunks(): AsyncGenerator<Uint8Array, undefined> {
    for (;;) {
      const chunk = arrived.shift();
      if (chunk !== undefined) yield chunk;
      else if (end === "end") return undefined;
      else if (end !== undefined) throw end;
      else await somethingNew();
    }
  }
  async function somethingNew(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    wake = resolve;
    const silence = new Error(`the server says nothing for ${ANSWER_TIMEOUT_MS} ms`);
    const timer = setTimeout(() => reject(silence), ANSWER_TIMEOUT_MS);
    await promise.finally(() => clearTimeout(timer));
  }
  const stop = (): void => {
    socket.off("data", onData);
    socket.pause();
  };
  return { chunks, stop };
}
