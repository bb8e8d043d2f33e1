import { setImmediate as turn } from "node:timers/promises";
import type { Logger } from "../../../../src/core/logger.ts";
import { DatagramQueue } from "../../../../src/network/datagram-queue.ts";
import { type DhcpMessage, encodeDhcpMessage, parseDhcpMessage } from "../../../../src/network/dhcp/codec.ts";
import type { DhcpTransport } from "../../../../src/network/dhcp/transport.ts";
import type { Clock } from "../../../../src/system/power.ts";

/** The parts of an answer that tests vary. */
export interface Answer {
  readonly type: number;
  readonly address?: string;
  readonly nextServer?: string;
  readonly options?: Readonly<Record<number, Buffer | undefined>>;
  readonly change?: (message: DhcpMessage) => DhcpMessage;
}

/** Answers each message of a client by `answer`; keeps what was received. */
export class FakeWire implements DhcpTransport {
  readonly received: DhcpMessage[] = [];
  readonly queue = new DatagramQueue();
  readonly #answer: (message: DhcpMessage, count: number) => readonly (Answer | Buffer)[];

  constructor(answer: (message: DhcpMessage, count: number) => readonly (Answer | Buffer)[]) {
    this.#answer = answer;
  }

  async send(packet: Uint8Array): Promise<void> {
    const message = parseDhcpMessage(Buffer.from(packet));
    this.received.push(message);
    for (const answer of this.#answer(message, this.received.length)) {
      const data = Buffer.isBuffer(answer) ? answer : encodeAnswer(message, answer);
      this.queue.push({ data, address: "10.1.2.1", port: 67 });
    }
  }

  async receive(signal: AbortSignal): Promise<Buffer> {
    return (await this.queue.next(signal)).data;
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

interface Sleeper {
  readonly untilMs: number;
  readonly wake: () => void;
}

/** A clock that jumps to the end of the shortest sleep as soon as nothing else can happen. */
export class HastyClock implements Clock {
  readonly #sleepers = new Set<Sleeper>();
  #nowMs = 0;
  #isWatching = false;

  nowMs(): number {
    return this.#nowMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  async uptimeSeconds(): Promise<number> {
    return this.#nowMs / 1000;
  }

  async setTime(): Promise<void> {}

  async sleep(ms: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const woken = Promise.withResolvers<void>();
    const sleeper: Sleeper = { untilMs: this.#nowMs + ms, wake: woken.resolve };
    const abort = (): void => woken.reject(signal.reason);
    this.#sleepers.add(sleeper);
    signal.addEventListener("abort", abort, { once: true });
    void this.#watch();
    try {
      await woken.promise;
    } finally {
      this.#sleepers.delete(sleeper);
      signal.removeEventListener("abort", abort);
    }
  }

  async #watch(): Promise<void> {
    if (this.#isWatching) return;
    this.#isWatching = true;
    while (this.#sleepers.size > 0) {
      // A few turns of the event loop: whatever is ready to run does so before time passes.
      for (let turns = 0; turns < 4; turns++) await turn();
      const next = [...this.#sleepers].sort((a, b) => a.untilMs - b.untilMs)[0];
      if (next === undefined) break;
      this.#nowMs = Math.max(this.#nowMs, next.untilMs);
      this.#sleepers.delete(next);
      next.wake();
    }
    this.#isWatching = false;
  }
}

/** Keeps the text of every message. */
export function keepingLogger(lines: string[]): Logger {
  const keep = (message: string): void => void lines.push(message);
  return { error: keep, warn: keep, info: keep, debug: (_level, message) => keep(message) };
}

const DEFAULTS: Readonly<Record<number, Buffer>> = {
  54: Buffer.of(10, 1, 2, 1),
  1: Buffer.of(255, 255, 255, 0),
  3: Buffer.of(10, 1, 2, 1),
};

function encodeAnswer(request: DhcpMessage, { type, address, nextServer, options, change }: Answer): Buffer {
  const values = Object.entries({ 53: Buffer.of(type), ...DEFAULTS, ...options });
  const message: DhcpMessage = {
    ...request,
    operation: 2,
    yourAddress: address ?? "10.1.2.3",
    nextServer: nextServer ?? "10.1.2.1",
    options: new Map(values.flatMap(([code, value]) => (value === undefined ? [] : [[Number(code), value]]))),
  };
  return encodeDhcpMessage(change === undefined ? message : change(message));
}
