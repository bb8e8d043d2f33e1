import type { Socket } from "node:dgram";
import { EventEmitter } from "node:events";
import type { Logger } from "../../../../src/core/logger.ts";
import type { NetworkInterface } from "../../../../src/system/interfaces.ts";
import { systemError } from "../../../../src/system/system-error.ts";
import { type Answer, FakeWire, HastyClock, keepingLogger } from "./dhcp-server.ts";

export type { Answer } from "./dhcp-server.ts";

/** What answers on an interface: by type of message and the server that it names. */
export type Answers = (type: number, server: Buffer | undefined) => readonly Answer[];

/** A socket whose other end is a fake wire. */
export class WireSocket extends EventEmitter {
  readonly #wire: FakeWire;
  readonly #closed = new AbortController();
  /** Where it sent to, in order. */
  readonly destinations: string[] = [];

  constructor(wire: FakeWire) {
    super();
    this.#wire = wire;
    void this.#deliver();
  }

  get isClosed(): boolean {
    return this.#closed.signal.aborted;
  }

  send(packet: Uint8Array, _port: number, address: string, done: (error: Error | null) => void): void {
    this.destinations.push(address);
    void this.#wire.send(packet).then(() => done(null));
  }

  close(done: () => void): void {
    this.#closed.abort();
    setImmediate(done);
  }

  async #deliver(): Promise<void> {
    while (!this.isClosed) {
      const packet = await this.#wire.receive(this.#closed.signal).catch(() => undefined);
      if (packet !== undefined) this.emit("message", packet, { address: "10.1.2.1", port: 67 });
    }
  }
}

/** Interfaces by name with what answers there; "no carrier" and errors instead of a wire. */
export function makeMachine(answers: Readonly<Record<string, Answers | "no carrier" | Error>>) {
  const sockets = new Map<string, WireSocket>();
  const lines: string[] = [];
  const warnings: string[] = [];
  const unplugged = new Set(Object.keys(answers).filter((name) => answers[name] === "no carrier"));
  const kept = keepingLogger(lines);
  const log: Logger = {
    ...kept,
    warn: (message) => {
      kept.warn(message);
      warnings.push(message);
    },
  };
  const clock = new HastyClock();
  const ports = {
    clock,
    log,
    random: () => 0.5,
    interfaces: {
      setUp: async (name: string) => {
        const answer = answers[name];
        if (answer instanceof Error) throw answer;
      },
      hasCarrier: async (name: string) => !unplugged.has(name),
    },
    sockets: {
      async openUdpOnInterface(name: string) {
        const answer = answers[name];
        if (typeof answer !== "function") throw new Error(`unexpected socket on ${name}`);
        const wire = new FakeWire(({ options }) => answer(options.get(53)?.[0] ?? 0, options.get(54)));
        const socket = new WireSocket(wire);
        sockets.set(name, socket);
        return socket as unknown as Socket;
      },
      // UDP will do here; see transport.test.ts.
      openPacketsOnInterface: async () => Promise.reject(systemError("EAFNOSUPPORT", "socket")),
    },
  };
  const interfaces = Object.keys(answers).map(makeInterface);
  return { ports, clock, lines, warnings, sockets, interfaces, unplugged };
}

function makeInterface(name: string, index: number): NetworkInterface {
  return {
    name,
    macAddress: `de:ad:be:ef:00:0${index}`,
    isUp: false,
    isBroadcast: true,
    isPhysical: true,
    hasCarrier: false,
    mtu: 1500,
  };
}
