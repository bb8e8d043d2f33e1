import { PlainGobDecoder } from "./srpc-gob.ts";
import { type Coder, type Content, readContent } from "./srpc-parts.ts";
import { CountingReader } from "./srpc-stream.ts";
import type { Chunk, Side } from "./srpc-transcript.ts";
import { type GobValue, listField, textField } from "./srpc-value.ts";

/** The built-in call that moves a connection to a Unix socket (spec/srpc.md section 7). */
export const UPGRADE_METHOD = ".LocalUpgradeToUnix";

/** What a part is for; lines of a call are its name, its acknowledgement and its status. */
export type Role = "ping" | "pong" | "call" | "acknowledgement" | "status" | "data";

/** One part of a recorded conversation. */
export interface Item {
  readonly side: Side;
  readonly role: Role;
  /** Trimmed name of the call; empty for pings. */
  readonly method: string;
  /** Calls are counted: each has coders of its own (spec/srpc.md section 5.5). */
  readonly call: number;
  readonly content: Content;
  /** As recorded. */
  readonly bytes: Buffer;
  /** Bytes of this side up to the end of the part. */
  readonly end: number;
}

/** One side of a recording. */
interface RecordedSide {
  readonly bytes: Buffer;
  readonly reader: CountingReader;
}

/** The two sides of a conversation as they are read, with the coders of one call. */
class Reading {
  readonly items: Item[] = [];
  readonly #sides: Readonly<Record<Side, RecordedSide>>;
  readonly #coder: Coder;
  #decoders: Partial<Record<Side, PlainGobDecoder>> = {};
  #call = 0;
  #method = "";

  constructor(sides: Readonly<Record<Side, RecordedSide>>, coder: Coder) {
    this.#sides = sides;
    this.#coder = coder;
  }

  /** The line that begins a call, or a ping, which is empty. */
  async callLine(): Promise<string> {
    const text = await this.#sides.c.reader.line();
    this.#call += 1;
    this.#method = text.trim();
    this.#decoders = {};
    this.#push("c", this.#method === "" ? "ping" : "call", { kind: "line", text });
    return this.#method;
  }

  async line(side: Side, role: Role): Promise<string> {
    const text = await this.#sides[side].reader.line();
    this.#push(side, role, { kind: "line", text });
    return text;
  }

  async value(side: Side): Promise<GobValue> {
    const content = await this.#read(side, "value");
    this.#push(side, "data", content);
    return content.kind === "value" ? content.value : null;
  }

  async list(kind: "names" | "directories" | "updates"): Promise<void> {
    this.#push("s", "data", await this.#read("s", kind));
  }

  async raw(side: Side, count: number): Promise<void> {
    this.#push(side, "data", { kind: "raw", bytes: await this.#sides[side].reader.bytes(count) });
  }

  async #read(side: Side, kind: Content["kind"]): Promise<Content> {
    const { reader } = this.#sides[side];
    const decoder = (this.#decoders[side] ??= new PlainGobDecoder(reader));
    return readContent({ kind }, reader, decoder, this.#coder);
  }

  #push(side: Side, role: Role, content: Content): void {
    const { bytes, reader } = this.#sides[side];
    const start = this.items.findLast((item) => item.side === side)?.end ?? 0;
    const end = reader.offset;
    const part = { side, role, method: this.#method, call: this.#call, content };
    this.items.push({ ...part, bytes: bytes.subarray(start, end), end });
  }
}

/** Length 0, which ends the objects, is not sent. */
async function addObjects(reading: Reading): Promise<void> {
  let count = 0;
  for (;;) {
    const length = Number(textField(await reading.value("c"), "Length"));
    if (length === 0) break;
    await reading.raw("c", length);
    count += 1;
  }
  for (; count > 0; count -= 1) await reading.value("s");
}

async function getObjects(reading: Reading): Promise<void> {
  await reading.value("c");
  const response = await reading.value("s");
  if (textField(response, "ResponseString") !== "") return;
  const total = listField(response, "ObjectSizes").reduce((sum, size) => sum + Number(size), 0);
  if (total > 0) await reading.raw("s", total);
}

async function requestReply(reading: Reading): Promise<void> {
  await reading.value("c");
  if ((await reading.line("s", "status")) === "") await reading.value("s");
}

/** What follows the acknowledgement, of methods that are not a request and a reply (spec/imageservice.md section 3). */
const STREAMS: ReadonlyMap<string, (reading: Reading) => Promise<void>> = new Map([
  ["ImageServer.ListImages", (reading) => reading.list("names")],
  [
    "ImageServer.ListSelectedImages",
    async (reading) => {
      await reading.value("c");
      await reading.list("names");
    },
  ],
  ["ImageServer.ListDirectories", (reading) => reading.list("directories")],
  ["ImageServer.GetImageUpdates", (reading) => reading.list("updates")],
  ["ObjectServer.AddObjects", addObjects],
  ["ObjectServer.GetObjects", getObjects],
  [
    UPGRADE_METHOD,
    async (reading) => {
      for (const side of ["c", "s", "c", "s"] as const) await reading.value(side);
    },
  ],
]);

/**
 * Takes a recorded conversation apart by the rules of the protocol, whatever its chunks are. Throws when it does not
 * obey them.
 */
export async function readConversation(exchange: readonly Chunk[], coder: Coder): Promise<readonly Item[]> {
  const sideOf = (side: Side): RecordedSide => {
    const bytes = Buffer.concat(exchange.filter((chunk) => chunk.side === side).map((chunk) => chunk.bytes));
    return { bytes, reader: CountingReader.of(bytes) };
  };
  const sides = { c: sideOf("c"), s: sideOf("s") };
  const reading = new Reading(sides, coder);
  while (!(await sides.c.reader.atEnd())) {
    const method = await reading.callLine();
    const answer = await reading.line("s", method === "" ? "pong" : "acknowledgement");
    if (method === "" || answer !== "") continue;
    await (STREAMS.get(method) ?? requestReply)(reading);
  }
  if (!(await sides.s.reader.atEnd())) throw new Error("the server says more than the protocol has room for");
  return reading.items;
}
