import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import fc from "fast-check";
import { expect, it } from "vitest";
import { silentLogger } from "../../../src/core/logger.ts";
import { Secret } from "../../../src/core/secret.ts";
import { AccessPolicy, type StatusAccess } from "../../../src/rpc/access-policy.ts";
import type { Caller } from "../../../src/rpc/caller.ts";
import { Channel } from "../../../src/rpc/channel.ts";
import { type InstallerMethod, isView } from "../../../src/rpc/installer-methods.ts";
import { ANONYMOUS, type Identity, isProven } from "../../../src/rpc/srpc/access.ts";
import { streamMethod } from "../../../src/rpc/srpc/method.ts";
import { readRequestHead } from "../../../src/rpc/srpc/request-head.ts";
import { SrpcServer } from "../../../src/rpc/srpc/server.ts";
import { CONNECTED, open, readUntil } from "./port-clients.ts";

const METHODS: readonly InstallerMethod[] = [
  "Installer.Shell",
  "Installer.GetStatus",
  "Installer.WatchEvents",
  "Installer.StreamLogs",
  "Installer.HoldReboot",
  "Installer.ReleaseReboot",
  "Installer.RebootNow",
  "Installer.Rerun",
  "Installer.Cancel",
  "Installer.Diagnose",
];

interface Situation {
  readonly identity: Identity;
  readonly trustedUsers: readonly string[];
  readonly trustedGroups: readonly string[];
  readonly isInsecure: boolean;
  readonly hasAuthorities: boolean;
  readonly statusAccess: StatusAccess;
}

const PATTERNS = ["Installer.*", "*.*", "Installer.Shell", "Installer.Re*", "*.[A-M]*", "Other.*", "[", "*"];
const somebody: fc.Arbitrary<Identity> = fc.record({
  userName: fc.constantFrom("", "alice", "bob"),
  groups: fc.subarray(["staff", "guests"]),
  permittedMethods: fc.subarray(PATTERNS, { maxLength: 2 }),
});
const situations: fc.Arbitrary<Situation> = fc
  .record({
    identity: fc.oneof(fc.constant(ANONYMOUS), somebody),
    trustedUsers: fc.subarray(["", "alice"]),
    trustedGroups: fc.subarray(["staff"]),
    isInsecure: fc.boolean(),
    hasAuthorities: fc.boolean(),
    statusAccess: fc.constantFrom<StatusAccess>("open", "authenticated"),
  })
  // Without authorities nobody can be anybody.
  .map((situation) => (situation.hasAuthorities ? situation : { ...situation, identity: ANONYMOUS }));

function serverOf(situation: Situation): SrpcServer {
  const { trustedUsers, trustedGroups, isInsecure, statusAccess } = situation;
  const anchors = { methodRoots: [], identityRoots: [] };
  const credentials = { certificates: "", key: new Secret(Buffer.alloc(0)), anchors };
  return new SrpcServer({
    methods: METHODS.map((name) =>
      streamMethod({
        name,
        isPublic: isView(name),
        isUnauthenticated: isView(name) && statusAccess === "open",
        run: () => Promise.resolve(),
      }),
    ),
    credentials: () => (situation.hasAuthorities ? credentials : undefined),
    hostname: "host.example",
    trustedUsers,
    trustedGroups,
    isInsecure,
    log: silentLogger,
  });
}

/** The answer to a call of each method, in one session; nothing when there is no session. */
async function answersOf(socket: Socket, path: string): Promise<readonly string[]> {
  socket.write(`CONNECT ${path} HTTP/1.0\n\n`);
  const head = await readUntil(socket, (text) => text.endsWith("\n\n") || text.endsWith("\r\n\r\n"));
  if (head !== CONNECTED) return [];
  socket.write(`${METHODS.join("\n")}\n`);
  const text = await readUntil(socket, (sofar) => sofar.split("\n").length === METHODS.length + 1);
  return text.split("\n").slice(0, METHODS.length);
}

it("lets SRPC callers do what the policy for the other protocols lets them do, and nothing else", async () => {
  let current: { readonly srpc: SrpcServer; readonly caller: Caller } | undefined;
  const server = createServer({ noDelay: true }, (socket) => {
    if (current === undefined) return;
    const { srpc, caller } = current;
    const channel = new Channel(socket, { peer: caller.peer, readTimeoutMs: 0, writeTimeoutMs: 0 });
    void readRequestHead(channel.reader, "").then((head) => srpc.serveConnection(channel, head, caller));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  try {
    await fc.assert(
      fc.asyncProperty(situations, async (situation) => {
        const isSecure = isProven(situation.identity);
        const caller = { identity: situation.identity, peer: "192.0.2.1:1", isSecure };
        const policy = new AccessPolicy(situation);
        current = { srpc: serverOf(situation), caller };
        const socket = open({ port });
        const answers = await answersOf(socket, isSecure ? "/_go_TLS_SRPC_/" : "/_goSRPC_/");
        socket.destroy();
        for (const [index, method] of METHODS.entries()) {
          const isAllowed = answers[index] === "";
          if (!isAllowed && answers.length > 0) expect(answers[index]).toBe("access to method denied");
          expect([method, isAllowed]).toEqual([method, policy.allows(caller, method)]);
        }
      }),
      { numRuns: 300 },
    );
  } finally {
    server.close();
  }
});
