import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readConversation } from "../../conformance/srpc-script.ts";
import { parseTranscript, type Transcript } from "../../conformance/srpc-transcript.ts";

const VECTORS = join(import.meta.dirname, "../../vectors/srpc");
const META = {
  meta: { name: "x", about: "y", client: "imagetool", server: "imageserver", clientExit: 0 },
};

function hex(text: string): string {
  return Buffer.from(text, "latin1").toString("hex");
}

function bytes(dir: "c2s" | "s2c", text: string, layer: "tcp" | "tls" = "tcp"): object {
  return { conn: 1, dir, layer, hex: hex(text) };
}

const HEAD = bytes("c2s", "CONNECT /_goSRPC_/ HTTP/1.0\n\n");
const ANSWER = bytes("s2c", "HTTP/1.0 200 Connected to Go SRPC\n\n");
const CLOSED = { conn: 1, event: "closed", by: "c", layer: "tcp" };

function parse(...lines: readonly object[]): Transcript {
  return parseTranscript([META, ...lines].map((line) => JSON.stringify(line)).join("\n"));
}

describe("a transcript", () => {
  it("is taken apart into head, answer and exchange of each connection", () => {
    const { connections } = parse(HEAD, ANSWER, bytes("c2s", "\n"), bytes("s2c", "\n"), CLOSED);
    expect(connections).toEqual([
      {
        head: Buffer.from("CONNECT /_goSRPC_/ HTTP/1.0\n\n"),
        answer: Buffer.from("HTTP/1.0 200 Connected to Go SRPC\n\n"),
        exchange: [
          { side: "c", bytes: Buffer.from("\n") },
          { side: "s", bytes: Buffer.from("\n") },
        ],
        closedBy: "c",
      },
    ]);
  });

  it("knows whose certificate a connection has", () => {
    const tls = { conn: 1, event: "tls", clientCertificateCN: "admin" };
    const { connections } = parse(HEAD, ANSWER, tls, bytes("c2s", "\n", "tls"), CLOSED);
    expect(connections[0]).toMatchObject({ commonName: "admin", exchange: [{ side: "c" }] });
  });

  it.each([
    ["no connection", [], /without a connection/],
    ["no answer", [HEAD, CLOSED], /without head and answer/],
    [
      "a call in the head",
      [bytes("c2s", "CONNECT / HTTP/1.0\n\nx\n"), ANSWER, CLOSED],
      /something behind it/,
    ],
    ["no end", [HEAD, ANSWER], /nobody closes/],
    ["clear text beside TLS", [HEAD, ANSWER, bytes("c2s", "x", "tls"), CLOSED], /beside the TLS layer/],
    ["half a byte", [{ ...HEAD, hex: "4" }, ANSWER, CLOSED], /invalid/i],
  ])("with %s is none", (_what, lines, why) => {
    expect(() => parse(...lines)).toThrow(why);
  });
});

/** The calls of an image server's transcript: their names, and what each part is. */
async function callsOf(name: string): Promise<readonly string[]> {
  const { connections } = parseTranscript(readFileSync(join(VECTORS, `${name}.jsonl`), "utf8"));
  const items = await readConversation(connections[0]?.exchange ?? [], "gob");
  return items.map(({ side, role, content }) => `${side} ${role} ${content.kind}`);
}

describe("a conversation", () => {
  const call = ["c call line", "s acknowledgement line"];
  const ping = ["c ping line", "s pong line"];

  it("of a request and a reply has both, and two lines", async () => {
    expect(await callsOf("check-image")).toEqual([
      "c call line",
      "s acknowledgement line",
      "c data value",
      "s status line",
      "s data value",
    ]);
  });

  it("goes on after a call that was refused", async () => {
    expect(await callsOf("denied-raw")).toEqual([...call, ...call, ...call, "s data names"]);
  });

  it("has the objects of an upload between their lengths, and the answers at the end", async () => {
    const object = ["c data value", "c data raw"];
    expect(await callsOf("addobjects")).toEqual([
      ...call,
      ...object,
      ...object,
      ...object,
      "c data value",
      "s data value",
      "s data value",
      "s data value",
      ...ping,
    ]);
  });

  it("has as many bytes of objects as were announced, or none", async () => {
    const getObjects = [...call, "c data value", "s data value"];
    expect(await callsOf("getobjects")).toEqual([
      ...getObjects,
      "s data raw",
      ...getObjects,
      ...getObjects,
      ...ping,
    ]);
  });

  it("that ends in the middle of something is refused", async () => {
    const chunk = (side: "c" | "s", text: string) => ({ side, bytes: Buffer.from(text, "latin1") });
    const listing = [chunk("c", "ImageServer.ListImages\n"), chunk("s", "\na\nb\n")];
    await expect(readConversation(listing, "gob")).rejects.toThrow(/ended/);
    await expect(readConversation([chunk("c", "\n"), chunk("s", "\nx\n")], "gob")).rejects.toThrow(
      /no room|more than/,
    );
  });

  it.each(readdirSync(VECTORS).filter((name) => name.endsWith(".jsonl") && !name.startsWith("shell-")))(
    "%s is understood to its last byte",
    async (name) => {
      const { connections } = parseTranscript(readFileSync(join(VECTORS, name), "utf8"));
      for (const { exchange, head } of connections) {
        const items = await readConversation(exchange, head.includes("JSON") ? "json" : "gob");
        const told = Buffer.concat(items.filter(({ side }) => side === "s").map((item) => item.bytes));
        const recorded = exchange.filter(({ side }) => side === "s").map((chunk) => chunk.bytes);
        expect(told.equals(Buffer.concat(recorded))).toBe(true);
      }
    },
  );
});
