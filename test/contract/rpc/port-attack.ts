import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { open } from "./port-clients.ts";

export interface Attack extends AsyncDisposable {
  /** Connections that the attackers tried to make. */
  attempts(): number;
}

interface Attacker {
  readonly from: string;
  readonly count: number;
  /** What it sends until it is dropped or told to stop. */
  readonly talk: (socket: Socket, signal: AbortSignal) => Promise<void>;
}

const trickle = async (socket: Socket, signal: AbortSignal): Promise<void> => {
  socket.write("GET / HTTP/1.1\r\nHost: x\r\n");
  while (!socket.destroyed && !signal.aborted) {
    socket.write("A: b\r\n");
    await sleep(100);
  }
};

/** Each from loopback addresses of its own, with as many connections as it gets, over and over. */
const ATTACKERS: readonly Attacker[] = [
  { from: "127.0.0.2", count: 50, talk: trickle },
  { from: "127.0.0.3", count: 50, talk: trickle },
  // TLS handshakes that never go on.
  {
    from: "127.0.0.4",
    count: 50,
    talk: async (socket) => void socket.write("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"),
  },
  // Heads that never end, as fast as they are taken.
  {
    from: "127.0.0.5",
    count: 10,
    talk: async (socket, signal) => {
      const header = `A: ${"x".repeat(1000)}\r\n`.repeat(64);
      socket.write("GET / HTTP/1.1\r\n");
      while (!socket.destroyed && !signal.aborted) {
        socket.write(header);
        await sleep(10);
      }
    },
  },
  // A flood of connections that say nothing.
  { from: "127.0.0.6", count: 150, talk: () => Promise.resolve() },
];

/** Begins at once; disposing it ends it and waits for the end. */
export function startAttack(port: number): Attack {
  const controller = new AbortController();
  const { signal } = controller;
  let attempts = 0;
  const attack = async ({ from, talk }: Attacker): Promise<void> => {
    while (!signal.aborted) {
      attempts += 1;
      const socket = open({ port, from });
      const closed = new Promise((resolve) => socket.once("close", resolve));
      const stop = (): void => void socket.destroy();
      signal.addEventListener("abort", stop);
      socket.resume();
      await Promise.all([talk(socket, signal), closed]);
      signal.removeEventListener("abort", stop);
      await sleep(100);
    }
  };
  const running = ATTACKERS.flatMap((attacker) =>
    Array.from({ length: attacker.count }, () => attack(attacker)),
  );
  return {
    attempts: () => attempts,
    [Symbol.asyncDispose]: async () => {
      controller.abort();
      await Promise.all(running);
    },
  };
}
