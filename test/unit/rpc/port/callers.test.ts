import { EventEmitter } from "node:events";
import type { Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { anonymousCaller, type Caller } from "../../../../src/rpc/caller.ts";
import { Callers } from "../../../../src/rpc/port/callers.ts";

const PEER = "192.0.2.1:4711";
const alice: Caller = {
  identity: { userName: "alice", groups: [], permittedMethods: ["*.*"] },
  peer: PEER,
  isSecure: true,
};

function makeSocket(): Socket {
  const address = { remoteAddress: "192.0.2.1", remotePort: 4711, closed: false };
  return Object.assign(new EventEmitter(), address) as unknown as Socket;
}

describe("Callers", () => {
  it("knows a caller by the connection and by the peer, until the connection closes", () => {
    const callers = new Callers();
    const socket = makeSocket();
    callers.register(socket, alice);
    expect([callers.of(socket), callers.ofPeer(PEER)]).toEqual([alice, alice]);
    socket.emit("close");
    expect(callers.ofPeer(PEER)).toEqual(anonymousCaller(PEER, false));
    expect(callers.peers).toBe(0);
  });

  it("takes whoever it does not know for a stranger", () => {
    const callers = new Callers();
    expect(callers.of(makeSocket())).toEqual(anonymousCaller(PEER, false));
    expect(callers.ofPeer("unknown")).toEqual(anonymousCaller("unknown", false));
  });

  it("lends nobody's rights to a second connection that claims the same peer", () => {
    const callers = new Callers();
    const [first, second] = [makeSocket(), makeSocket()];
    callers.register(first, alice);
    callers.register(second, anonymousCaller(PEER, false));
    expect(callers.ofPeer(PEER)).toEqual(anonymousCaller(PEER, false));
    expect(callers.of(first)).toBe(alice);
    second.emit("close");
    expect(callers.ofPeer(PEER)).toBe(alice);
  });

  it("does not remember a connection that is closed already", () => {
    const callers = new Callers();
    callers.register(Object.assign(makeSocket(), { closed: true }), alice);
    expect(callers.peers).toBe(0);
  });
});
