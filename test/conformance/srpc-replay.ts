import { CONNECTED_HEAD } from "../../src/rpc/srpc/endpoints.ts";
import { compareItem } from "./srpc-compare.ts";
import { LiveConnection, type Pace } from "./srpc-connection.ts";
import { PlainGobDecoder } from "./srpc-gob.ts";
import { parseHttpAnswer } from "./srpc-http.ts";
import type { Parties } from "./srpc-parties.ts";
import { type Coder, readContent } from "./srpc-parts.ts";
import { compareHttpAnswers } from "./srpc-rules.ts";
import { type Item, readConversation } from "./srpc-script.ts";
import type { Chunk, RecordedConnection, Side } from "./srpc-transcript.ts";

/** How a server of ours did in a recorded conversation. */
export interface ReplayVerdict {
  /** The first thing that went wrong. */
  readonly why?: string;
  /** Deliberate differences that were met. */
  readonly rules: readonly string[];
}

/** The coder of the endpoint that a request head names. */
export function coderOf({ head }: Pick<RecordedConnection, "head">): Coder {
  return /^CONNECT \S*\/JSON[ ?]/.test(head.toString("latin1")) ? "json" : "gob";
}

/** Whether the server took the connection for calls. */
export function isAccepted({ answer }: Pick<RecordedConnection, "answer">): boolean {
  return answer.toString("latin1") === CONNECTED_HEAD;
}

/**
 * Whether the recorder answered in the place of the server: `about` says so then (vectors/srpc/INDEX.md), and the answer
 * has no date, which the server's always has.
 */
export function isMadeUp({ answer }: Pick<RecordedConnection, "answer">, about: string): boolean {
  const text = answer.toString("latin1");
  return about.includes("by the recorder") && text.startsWith("HTTP/1.0 404 ") && !/^Date: /m.test(text);
}

/** Whether the first call can be sent together with the request head. */
export function canSendWithHead(recorded: RecordedConnection): boolean {
  return isAccepted(recorded) && recorded.commonName === undefined && recorded.exchange[0]?.side === "c";
}

/** Says what the recorded client said to the server on `port`, and compares what comes back. */
export async function replayConnection(
  recorded: RecordedConnection,
  to: { readonly port: number; readonly parties: Parties },
  pace: Pace,
): Promise<ReplayVerdict> {
  using plain = await LiveConnection.open(to.port, pace);
  const [first] = recorded.exchange;
  const isEarly = pace === "with the head" && first !== undefined && canSendWithHead(recorded);
  plain.send(isEarly ? Buffer.concat([recorded.head, first.bytes]) : recorded.head);
  if (!isAccepted(recorded)) return await replayHttp(recorded, plain);
  const answer = (await plain.readHead()).toString("latin1");
  if (answer !== CONNECTED_HEAD) return { why: `answers ${JSON.stringify(answer)} to CONNECT`, rules: [] };
  using session =
    recorded.commonName === undefined ? plain : await plain.startTls(to.parties.client(recorded.commonName));
  const items = await readConversation(recorded.exchange, coderOf(recorded));
  const conversation = new Conversation(items, session, coderOf(recorded));
  return await conversation.run(recorded.exchange, recorded.closedBy, isEarly);
}

async function replayHttp(recorded: RecordedConnection, live: LiveConnection): Promise<ReplayVerdict> {
  const ours = parseHttpAnswer(await live.reader.rest());
  const isConnect = recorded.head.toString("latin1").startsWith("CONNECT ");
  return compareHttpAnswers(ours, parseHttpAnswer(recorded.answer), { isConnect });
}

/** Calls on a connection that was accepted. */
class Conversation {
  readonly #awaited: Item[];
  readonly #live: LiveConnection;
  readonly #coder: Coder;
  readonly #rules = new Set<string>();
  #decoder: { readonly call: number; readonly gob: PlainGobDecoder } | undefined;

  constructor(items: readonly Item[], live: LiveConnection, coder: Coder) {
    this.#awaited = items.filter(({ side }) => side === "s");
    this.#live = live;
    this.#coder = coder;
  }

  async run(exchange: readonly Chunk[], closedBy: Side, isFirstSent: boolean): Promise<ReplayVerdict> {
    let offset = 0;
    for (const [index, { side, bytes }] of exchange.entries()) {
      if (side === "s") offset += bytes.length;
      else if (index > 0 || !isFirstSent) this.#live.send(bytes);
      const verdict = await this.#readUpTo(offset);
      if (verdict === "over") return this.#checkAlive();
      if (verdict !== undefined) return this.#verdict(verdict);
    }
    return this.#verdict(await this.#checkEnd(closedBy));
  }

  /** What is wrong with the answers up to this place of the recording; "over" when a rule ends the conversation. */
  async #readUpTo(offset: number): Promise<string | undefined> {
    for (let item = this.#awaited[0]; item !== undefined && item.end <= offset; item = this.#awaited[0]) {
      this.#awaited.shift();
      const ours = await readContent(item.content, this.#live.reader, this.#decoderOf(item), this.#coder);
      const { why, rule, isLast } = compareItem(item, ours);
      if (why !== undefined) return why;
      if (rule !== undefined) this.#rules.add(rule);
      if (isLast === true) return "over";
    }
    return undefined;
  }

  #decoderOf({ call }: Item): PlainGobDecoder {
    if (this.#decoder?.call !== call) this.#decoder = { call, gob: new PlainGobDecoder(this.#live.reader) };
    return this.#decoder.gob;
  }

  /** The rest of the recording cannot happen, but the connection must be as good as before. */
  async #checkAlive(): Promise<ReplayVerdict> {
    this.#live.send(Buffer.from("\n"));
    const answer = await this.#live.reader.line();
    return this.#verdict(answer === "" ? undefined : `answers ${JSON.stringify(answer)} to a ping`);
  }

  async #checkEnd(closedBy: Side): Promise<string | undefined> {
    if (closedBy === "c") this.#live.end();
    const rest = await this.#live.reader.rest();
    return rest.length === 0 ? undefined : `says more: ${JSON.stringify(rest.toString("latin1"))}`;
  }

  #verdict(why: string | undefined): ReplayVerdict {
    return { rules: [...this.#rules], ...(why === undefined ? {} : { why }) };
  }
}
