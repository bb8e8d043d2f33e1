import { z } from "zod";

/** Who sent something: the client or the server. */
export type Side = "c" | "s";

/** Bytes of one side that no bytes of the other interrupted. */
export interface Chunk {
  readonly side: Side;
  readonly bytes: Buffer;
}

/** One recorded TCP connection. */
export interface RecordedConnection {
  /** The request head, to its blank line. */
  readonly head: Buffer;
  /** What the server answered to the head: the line of success, or a whole HTTP answer. */
  readonly answer: Buffer;
  /** Common name of the client's certificate; present when TLS followed the head. */
  readonly commonName?: string;
  /** What came after, decrypted. */
  readonly exchange: readonly Chunk[];
  readonly closedBy: Side;
}

const meta = z.object({
  name: z.string().min(1),
  about: z.string(),
  client: z.string(),
  server: z.string(),
  clientExit: z.number(),
  serverKind: z.string().optional(),
  imagesBefore: z.array(z.string()).default([]),
  directoriesBefore: z.array(z.string()).default([]),
  clientStdout: z.string().optional(),
  clientStderr: z.string().optional(),
  typed: z.array(z.string()).optional(),
  installerLogOfSessions: z.array(z.string()).optional(),
});

const bytesLine = z.object({
  conn: z.number(),
  dir: z.enum(["c2s", "s2c"]),
  layer: z.enum(["tcp", "tls"]),
  hex: z.string().regex(/^([0-9a-f]{2})+$/),
});
const tlsLine = z.object({ conn: z.number(), event: z.literal("tls"), clientCertificateCN: z.string() });
const closedLine = z.object({ conn: z.number(), event: z.literal("closed"), by: z.enum(["c", "s"]) });
const recordedLine = z.union([bytesLine, tlsLine, closedLine]);

type RecordedLine = z.output<typeof recordedLine>;

/** A recorded conversation (vectors/srpc/INDEX.md). */
export interface Transcript {
  readonly meta: z.output<typeof meta>;
  readonly connections: readonly RecordedConnection[];
}

/** Throws for a text that is no transcript. */
export function parseTranscript(text: string): Transcript {
  const [first, ...lines] = text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as unknown);
  const facts = z.object({ meta }).parse(first).meta;
  const byConnection = new Map<number, RecordedLine[]>();
  for (const line of lines.map((each) => recordedLine.parse(each)))
    byConnection.set(line.conn, [...(byConnection.get(line.conn) ?? []), line]);
  if (byConnection.size === 0) throw new Error("a transcript without a connection");
  return { meta: facts, connections: [...byConnection.values()].map(readConnection) };
}

function readConnection(lines: readonly RecordedLine[]): RecordedConnection {
  const chunks = lines.filter((line) => "hex" in line);
  const [head, answer, ...exchange] = chunks.map(({ dir, hex }): Chunk => {
    return { side: dir === "c2s" ? "c" : "s", bytes: Buffer.from(hex, "hex") };
  });
  if (head?.side !== "c" || answer?.side !== "s") throw new Error("a connection without head and answer");
  if (!/\n\r?\n$/.test(head.bytes.toString("latin1"))) throw new Error("a head with something behind it");
  const tls = lines.find((line) => "clientCertificateCN" in line);
  const closed = lines.find((line) => "by" in line);
  if (closed === undefined) throw new Error("a connection that nobody closes");
  const layer = tls === undefined ? "tcp" : "tls";
  if (chunks.slice(2).some((chunk) => chunk.layer !== layer)) throw new Error("bytes beside the TLS layer");
  return {
    head: head.bytes,
    answer: answer.bytes,
    ...(tls === undefined ? {} : { commonName: tls.clientCertificateCN }),
    exchange,
    closedBy: closed.by,
  };
}
