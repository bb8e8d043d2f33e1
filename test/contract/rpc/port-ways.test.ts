import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { connectSrpc } from "../../../src/rpc/srpc/client.ts";
import type { ClientCredentials, ServerCredentials } from "../../../src/rpc/tls/credentials.ts";
import { startAttack } from "./port-attack.ts";
import {
  ask,
  callShell,
  connectInOneSegment,
  connectThenTls,
  open,
  openGrpc,
  openTls,
  readAll,
  readBodies,
  readUntil,
  type Target,
  writeSlowly,
} from "./port-clients.ts";
import { codeOf, signal } from "./srpc-server.ts";
import { askByGrpc, makePeople, startTestPort, type TestPeople, type TestPort } from "./test-port.ts";

const HEAD_TIMEOUT_MS = 3000;
const ROUNDS = 4;
const REQUEST = "GET /who HTTP/1.1\r\nHost: x\r\n";

let people: TestPeople;
let port: TestPort;
let credentials: ServerCredentials;
beforeAll(async () => {
  people = makePeople();
  credentials = people.credentials;
  port = await startTestPort(() => credentials, { headTimeoutMs: HEAD_TIMEOUT_MS });
}, 60_000);
afterAll(() => port[Symbol.asyncDispose]());

/** Status line and asking user of a conversation that the server ends. */
async function readPage(socket: ReturnType<typeof open>): Promise<string> {
  const text = await readAll(socket);
  return `${text.split("\r\n", 1)[0]} ${/"user":"[^"]*"/.exec(text)?.[0] ?? ""}`.trim();
}

/** What becomes of a call of the shell by our own client. */
async function shellBySrpc({ port: number }: Target, identity: ClientCredentials): Promise<string> {
  return codeOf(
    (async () => {
      await using connection = await connectSrpc({ host: "127.0.0.1", port: number, tls: identity }, signal);
      await using call = await connection.openCall("Installer.Shell", signal);
      await call.write("\n");
      call.finish();
    })(),
  );
}

/** As whom HTTPS and gRPC know `identity`, and why not. */
async function known(target: Target, identity: ClientCredentials | undefined): Promise<string> {
  const socket = await openTls(target, identity);
  const client = openGrpc(target, identity);
  const [page, call] = await Promise.all([ask(socket), askByGrpc(client)]);
  socket.destroy();
  client.close();
  return [page, call].map((who) => `${who?.user}|${who?.refusal ?? ""}`).join(" ");
}

/** Each way of talking, and what must come of it. */
const WAYS: Readonly<Record<string, readonly [(target: Target) => Promise<unknown>, unknown]>> = {
  "HTTP/1.0": [
    async (target) => {
      const socket = open(target);
      socket.write("GET /who HTTP/1.0\r\n\r\n");
      return readPage(socket);
    },
    'HTTP/1.1 200 OK "user":""',
  ],
  "HTTP/1.1, request after request": [
    async (target) => {
      const socket = open(target);
      const users: unknown[] = [];
      for (let count = 0; count < 5; count++) users.push((await ask(socket))?.user);
      socket.destroy();
      return users;
    },
    ["", "", "", "", ""],
  ],
  "HTTP/1.1, pipelined": [
    async (target) => {
      const socket = open(target);
      socket.write(`${REQUEST}\r\n`.repeat(10));
      const answers = await readBodies(socket, 10);
      socket.destroy();
      return answers.length;
    },
    10,
  ],
  "one byte at a time": [
    async (target) => {
      const socket = open(target);
      await writeSlowly(socket, `${REQUEST}Connection: close\r\n\r\n`, 5);
      return readPage(socket);
    },
    'HTTP/1.1 200 OK "user":""',
  ],
  "CONNECT and TLS in one segment": [
    async (target) => {
      const socket = await connectInOneSegment(target, people.admin);
      const answer = await callShell(socket);
      socket.destroy();
      return answer;
    },
    "\nhello admin\n",
  ],
  gRPC: [
    async (target) => {
      const client = openGrpc(target, people.admin);
      const answers = await Promise.all(Array.from({ length: 5 }, () => askByGrpc(client)));
      client.close();
      return answers.map(({ user }) => user);
    },
    ["admin", "admin", "admin", "admin", "admin"],
  ],
  HTTPS: [
    async (target) => {
      const socket = await openTls(target, people.admin);
      const users = [(await ask(socket))?.user, (await ask(socket))?.user];
      socket.destroy();
      return users;
    },
    ["admin", "admin"],
  ],
  garbage: [
    async (target) => {
      const socket = open(target);
      socket.write(Buffer.from("00ff00ff00ff0d0a0d0a", "hex"));
      return readPage(socket);
    },
    "HTTP/1.1 400 Bad Request",
  ],
  silence: [
    async (target) => {
      const startedMs = performance.now();
      const text = await readAll(open(target));
      return [text, performance.now() - startedMs >= HEAD_TIMEOUT_MS - 100];
    },
    ["", true],
  ],
  "TLS without a certificate": [
    async (target) => {
      const refused = connectThenTls(target).then(callShell);
      const reason = refused.catch((error: NodeJS.ErrnoException) => error.code);
      return [await known(target, undefined), await reason];
    },
    ["| |", "ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED"],
  ],
  "a certificate of another authority": [
    async (target) => [await shellBySrpc(target, people.foreign), await known(target, people.foreign)],
    ["E_TLS_CERTIFICATE_REFUSED", "|UNABLE_TO_VERIFY_LEAF_SIGNATURE |UNABLE_TO_VERIFY_LEAF_SIGNATURE"],
  ],
  "an expired certificate": [
    async (target) => [await shellBySrpc(target, people.expired), await known(target, people.expired)],
    ["E_TLS_CERTIFICATE_REFUSED", "|CERT_HAS_EXPIRED |CERT_HAS_EXPIRED"],
  ],
  "a certificate that only says who": [
    async (target) => [
      await shellBySrpc(target, people.identityOnly),
      await known(target, people.identityOnly),
    ],
    ["E_SRPC_ACCESS_DENIED", "admin| admin|"],
  ],
  "a certificate whose methods were taken away": [
    async (target) => [
      await shellBySrpc(target, people.demoted),
      await known(target, people.demoted),
      await shellBySrpc(target, people.admin),
    ],
    ["E_SRPC_ACCESS_DENIED", "admin| admin|", "no error"],
  ],
};

it(`gives each of ${Object.keys(WAYS).length} ways of talking at once the right answer, under attack and while certificates change`, async () => {
  expect(Object.keys(WAYS)).toHaveLength(14);
  const target = { port: port.listening.port };
  const session = await connectInOneSegment(target, people.admin);
  expect(await callShell(session)).toBe("\nhello admin\n");
  await using attack = startAttack(target.port);
  const latencies: number[] = [];
  const visiting = new AbortController();
  const visitor = (async () => {
    while (!visiting.signal.aborted) {
      const startedMs = performance.now();
      const socket = open({ ...target, from: "127.0.0.9" });
      await ask(socket);
      latencies.push(performance.now() - startedMs);
      socket.destroy();
      await sleep(50);
    }
  })();
  // Its failure is seen at the end, unless something else fails before.
  visitor.catch(() => undefined);
  for (let round = 0; round < ROUNDS; round++) {
    const answers = Object.entries(WAYS).map(async ([name, [talk]]) => [name, await talk(target)] as const);
    // Half of the way through, so that some handshakes are with one certificate and some with the other.
    await sleep(20);
    credentials = round % 2 === 0 ? people.renewed : people.credentials;
    const expected = Object.entries(WAYS).map(([name, [, answer]]) => [name, answer]);
    expect(Object.fromEntries(await Promise.all(answers))).toEqual(Object.fromEntries(expected));
    session.write(`round ${round}\n`);
    expect(await readUntil(session, (text) => text.endsWith("\n"))).toBe(`round ${round}\n`);
  }
  visiting.abort();
  await visitor;
  session.destroy();
  const sorted = latencies.toSorted((left, right) => left - right);
  expect(sorted.length).toBeGreaterThan(20);
  // A thousand times what it takes in peace: enough for a busy machine, not for one that waits for the attackers.
  expect(sorted[Math.floor(sorted.length * 0.9)]).toBeLessThan(1000);
  const statistics = port.listening.statistics();
  expect(attack.attempts()).toBeGreaterThan(500);
  expect(statistics.refusedByAddress + statistics.refusedByRate).toBeGreaterThan(0);
  expect(statistics.tlsFailures).toBeGreaterThan(50);
}, 120_000);

it("has forgotten all of them afterwards", async () => {
  await expect
    .poll(() => [port.listening.statistics().connections, port.callers.peers], { timeout: 10_000 })
    .toEqual([0, 0]);
});
