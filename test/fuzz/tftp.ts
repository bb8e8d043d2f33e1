import { setImmediate as nextTurn } from "node:timers/promises";
import { hasCode, type InstallerError } from "../../src/core/errors.ts";
import { parseTftpReply } from "../../src/network/tftp/packet.ts";
import { type TftpReaction, TftpTransfer } from "../../src/network/tftp/transfer.ts";
import { mutate } from "./mutate.ts";
import { type FuzzFailure, type FuzzOptions, type FuzzTarget, Random } from "./target.ts";

/** Inputs between two breaths of the event loop. */
const BATCH = 5000;
const LIMIT_BYTES = 20_000;
/** Packets after which a conversation that gets nowhere is left. */
const LONGEST_CONVERSATION = 200;
const CODES = [
  "E_TFTP_PROTOCOL",
  "E_TFTP_TOO_LARGE",
  "E_TFTP_NOT_FOUND",
  "E_TFTP_ACCESS",
  "E_TFTP_SERVER",
] as const;

/**
 * Conversations with a server whose packets are lost, repeated, swapped and damaged on the way; each packet that arrives
 * is one input. What comes out is the file, or nothing: a damaged packet can at worst spoil the content, never the length
 * that was announced, nor the limit.
 */
export const tftpTarget: FuzzTarget = {
  name: "tftp",
  run: async ({ runs, seed }: FuzzOptions): Promise<FuzzFailure | undefined> => {
    let nextBreath = 0;
    for (let run = 0; run < runs; ) {
      const conversation = new Conversation(new Random(Math.imul(seed, 0x9e3779b1) + run));
      const what = conversation.problem();
      if (what !== undefined) return { run: run + conversation.packets, what, input: conversation.latest };
      run += conversation.packets;
      if (run >= nextBreath) {
        await nextTurn();
        nextBreath = run + BATCH;
      }
    }
    return undefined;
  },
};

class Conversation {
  packets = 0;
  latest: Buffer = Buffer.alloc(0);
  readonly #random: Random;
  readonly #file: Buffer;
  readonly #blockBytes: number;
  readonly #options: Readonly<Record<string, string>>;
  /** Of 16 packets, how many are damaged; with none the content must be right. */
  readonly #damaged: number;
  readonly #seen: Buffer[] = [];

  constructor(random: Random) {
    this.#random = random;
    this.#file = Buffer.alloc(random.below(6000), String(random.below(1000)));
    this.#blockBytes = random.pick([8, 512, 1428]);
    const takesOptions = this.#blockBytes !== 512;
    this.#options = takesOptions
      ? {
          blksize: String(this.#blockBytes),
          tsize: String(this.#file.length),
          windowsize: String(1 + random.below(16)),
        }
      : {};
    this.#damaged = random.pick([0, 0, 1, 4, 16]);
  }

  /** Runs to the end; what went wrong, if anything. */
  problem(): string | undefined {
    const transfer = new TftpTransfer("file", LIMIT_BYTES);
    let reaction = transfer.start();
    while (this.packets < LONGEST_CONVERSATION) {
      const replies = this.#answer(reaction);
      if (replies.length === 0) {
        this.packets += 1;
        reaction = transfer.onSilence();
      }
      for (const packet of replies) {
        this.packets += 1;
        this.latest = packet;
        try {
          reaction = transfer.onReply(parseTftpReply(packet));
        } catch (error) {
          if (hasCode(error, "E_TFTP_PROTOCOL")) return undefined;
          return error instanceof Error
            ? (error.stack ?? error.message)
            : "threw something that is not an Error";
        }
        if (reaction.failure !== undefined) return this.#judgeFailure(reaction.failure);
        if (reaction.done === true) return this.#judge(transfer.content());
      }
    }
    return transfer.content().length > LIMIT_BYTES ? "more content than the limit" : undefined;
  }

  #judgeFailure(failure: InstallerError): string | undefined {
    if (!hasCode(failure, ...CODES)) return `failed with ${failure.code}`;
    return this.#damaged === 0 ? `failed on good packets: ${failure.message}` : undefined;
  }

  #judge(content: Buffer): string | undefined {
    if (content.length > LIMIT_BYTES) return `${content.length} bytes, more than the limit`;
    if (this.#damaged === 0 && !content.equals(this.#file)) return "not the content of the file";
    return undefined;
  }

  /** What arrives after the client sent something, or after a silence. */
  #answer({ send }: TftpReaction): readonly Buffer[] {
    if (send === undefined) return this.#random.below(4) === 0 ? [] : this.#seen.slice(-1);
    const arriving = this.#goodAnswer(send).flatMap((packet) => this.#onTheWay(packet));
    if (arriving.length > 1 && this.#random.below(4) === 0) arriving.reverse();
    return arriving;
  }

  #goodAnswer(sent: Buffer): readonly Buffer[] {
    if (sent.readUInt16BE(0) === 1) {
      const words = Object.entries(this.#options).flat();
      return words.length === 0 ? [this.#data(1)] : [optionAcknowledgement(words)];
    }
    const next = sent.readUInt16BE(2) + 1;
    const window = Number(this.#options["windowsize"] ?? 1);
    const last = Math.floor(this.#file.length / this.#blockBytes) + 1;
    const count = Math.max(0, Math.min(window, last - next + 1));
    return Array.from({ length: count }, (_, index) => this.#data(next + index));
  }

  #data(block: number): Buffer {
    const start = (block - 1) * this.#blockBytes;
    const head = Buffer.of(0, 3, block >> 8, block & 0xff);
    return Buffer.concat([head, this.#file.subarray(start, start + this.#blockBytes)]);
  }

  #onTheWay(packet: Buffer): readonly Buffer[] {
    this.#seen.push(packet);
    const arrived =
      this.#random.below(16) < this.#damaged ? mutate(packet, this.#random, this.#seen) : packet;
    switch (this.#random.below(12)) {
      case 0:
        return [];
      case 1:
        return [arrived, arrived];
      case 2:
        return [this.#random.pick(this.#seen), arrived];
      default:
        return [arrived];
    }
  }
}

function optionAcknowledgement(words: readonly string[]): Buffer {
  return Buffer.concat([Buffer.of(0, 6), Buffer.from(words.map((word) => `${word}\0`).join(""))]);
}
