import { InstallerError } from "../../core/errors.ts";
import {
  encodeAcknowledgement,
  encodeError,
  encodeReadRequest,
  TFTP_ERROR,
  type TftpOptions,
  type TftpReply,
} from "./packet.ts";

/** What to do after an event: a packet to send, and whether the transfer has ended. */
export interface TftpReaction {
  readonly send?: Buffer;
  /** `send` is a request: it goes to the server's well-known port, and any port may answer. */
  readonly isRequest?: boolean;
  /** True when the transfer moved on; a transfer that does not is given up some time. */
  readonly progress?: boolean;
  readonly done?: boolean;
  /** The transfer failed; `send` (if any) tells the server so. */
  readonly failure?: InstallerError;
}

const NOTHING: TftpReaction = {};
/** What every path carries (RFC 1350). */
export const PLAIN_BLOCK_BYTES = 512;
/** Fits an Ethernet frame with room for a tunnel (RFC 2348 recommends 1428). */
const BLOCK_BYTES = 1428;
const WINDOW_BLOCKS = 16;
const NO_OPTIONS: TftpOptions = new Map();
const DECIMAL = /^\d{1,15}$/;
/** For servers that report everything as code 0, "see error message". */
const NOT_FOUND_TEXT = /not found|does not exist|no such file/i;

/**
 * The receiving side of one TFTP transfer as a state machine without a socket: RFC 1350 with block size (2348),
 * transfer size (2349) and windows (7440). Block numbers roll over to 0.
 */
export class TftpTransfer {
  readonly #name: string;
  readonly #limitBytes: number;
  readonly #wantedBlockBytes: number;
  #withOptions = true;
  readonly #chunks: Buffer[] = [];
  #receivedBytes = 0;
  #announcedBytes: number | undefined;
  #blockBytes = PLAIN_BLOCK_BYTES;
  #windowBlocks = 1;
  /** Blocks received in order, not taken modulo 65536. */
  #lastBlock = 0;
  #sinceAcknowledgement = 0;
  #gapAcknowledged = false;
  #negotiated = false;

  constructor(name: string, limitBytes: number, wantedBlockBytes: number = BLOCK_BYTES) {
    this.#name = name;
    this.#limitBytes = limitBytes;
    this.#wantedBlockBytes = wantedBlockBytes;
  }

  /** Large blocks are agreed on and none has come: the path may not carry them (its MTU is smaller than ours). */
  get awaitsLargeBlocks(): boolean {
    return this.#negotiated && this.#lastBlock === 0 && this.#blockBytes > PLAIN_BLOCK_BYTES;
  }

  /** Starts the transfer. */
  start(): TftpReaction {
    const options = this.#withOptions ? wantedOptions(this.#wantedBlockBytes) : NO_OPTIONS;
    return { send: encodeReadRequest(this.#name, options), isRequest: true };
  }

  /** The whole file; meaningful once a reaction said `done`. */
  content(): Buffer {
    return Buffer.concat(this.#chunks, this.#receivedBytes);
  }

  /** After a silence: what was sent last, as it or its answer may be lost. The window begins anew behind it. */
  onSilence(): TftpReaction {
    this.#gapAcknowledged = false;
    return this.#negotiated ? { send: this.#acknowledge() } : this.start();
  }

  onReply(reply: TftpReply): TftpReaction {
    switch (reply.kind) {
      case "error":
        return this.#onError(reply.code, reply.text);
      case "option-acknowledgement":
        return this.#onOptions(reply.options);
      case "data":
        return this.#onData(reply.block, reply.payload);
    }
  }

  #onError(code: number, text: string): TftpReaction {
    if (code === TFTP_ERROR.optionRefused && this.#withOptions && !this.#negotiated) {
      this.#withOptions = false;
      return { ...this.start(), progress: true };
    }
    return { failure: new InstallerError(errorCode(code, text), `code: ${code}, message: ${text}`) };
  }

  #onOptions(options: TftpOptions): TftpReaction {
    // A repeated acknowledgement: ours was lost.
    if (this.#negotiated) return this.#lastBlock === 0 ? { send: this.#acknowledge() } : NOTHING;
    if (!this.#withOptions) return this.#refuse("E_TFTP_PROTOCOL", "options that were not asked for");
    for (const [name, text] of options) {
      const why = this.#accept(name, text);
      if (why !== undefined)
        return this.#refuse("E_TFTP_PROTOCOL", `option ${why}`, TFTP_ERROR.optionRefused);
    }
    this.#negotiated = true;
    if ((this.#announcedBytes ?? 0) > this.#limitBytes) return this.#tooLarge(this.#announcedBytes ?? 0);
    return { send: this.#acknowledge(), progress: true };
  }

  /** Takes over one acknowledged option; the name and value when it is not acceptable. */
  #accept(name: string, text: string): string | undefined {
    const value = DECIMAL.test(text) ? Number(text) : -1;
    if (name === "tsize" && value >= 0) this.#announcedBytes = value;
    else if (name === "blksize" && value >= 8 && value <= this.#wantedBlockBytes) this.#blockBytes = value;
    else if (name === "windowsize" && value >= 1 && value <= WINDOW_BLOCKS) this.#windowBlocks = value;
    else return JSON.stringify(`${name}=${text}`);
    return undefined;
  }

  #onData(block: number, payload: Buffer): TftpReaction {
    // Data in place of an acknowledgement of the options: the server knows none (RFC 2347 section 3).
    this.#negotiated = true;
    const ahead = (block - this.#lastBlock - 1) & 0xffff;
    if (ahead >= 0x8000) return this.#onOldBlock(ahead === 0xffff);
    if (ahead > 0) return this.#onGap();
    if (payload.length > this.#blockBytes)
      return this.#refuse(
        "E_TFTP_PROTOCOL",
        `a block of ${payload.length} bytes, agreed on ${this.#blockBytes}`,
      );
    if (this.#receivedBytes + payload.length > this.#limitBytes)
      return this.#tooLarge(this.#receivedBytes + payload.length);
    this.#lastBlock += 1;
    this.#gapAcknowledged = false;
    this.#sinceAcknowledgement += 1;
    this.#receivedBytes += payload.length;
    // A copy: the datagram's buffer may be larger than the payload and would be kept alive.
    if (payload.length > 0) this.#chunks.push(Buffer.from(payload));
    if (payload.length < this.#blockBytes) return this.#onLastBlock();
    if (this.#sinceAcknowledgement < this.#windowBlocks) return { progress: true };
    return { send: this.#acknowledge(), progress: true };
  }

  #onLastBlock(): TftpReaction {
    const announced = this.#announcedBytes;
    if (announced !== undefined && announced !== this.#receivedBytes)
      return this.#refuse("E_TFTP_PROTOCOL", `${this.#receivedBytes} bytes after announcing ${announced}`);
    return { send: this.#acknowledge(), progress: true, done: true };
  }

  /** The newest block once more means that our acknowledgement was lost; older ones come along with it. */
  #onOldBlock(isNewest: boolean): TftpReaction {
    return isNewest ? { send: this.#acknowledge() } : NOTHING;
  }

  /** RFC 7440 section 4: acknowledge the last good block at once, so that the server goes back; once a gap. */
  #onGap(): TftpReaction {
    if (this.#gapAcknowledged) return NOTHING;
    this.#gapAcknowledged = true;
    return { send: this.#acknowledge() };
  }

  #acknowledge(): Buffer {
    this.#sinceAcknowledgement = 0;
    return encodeAcknowledgement(this.#lastBlock & 0xffff);
  }

  #tooLarge(bytes: number): TftpReaction {
    return this.#refuse(
      "E_TFTP_TOO_LARGE",
      `${bytes} bytes, more than the limit of ${this.#limitBytes}`,
      TFTP_ERROR.diskFull,
    );
  }

  #refuse(
    code: "E_TFTP_PROTOCOL" | "E_TFTP_TOO_LARGE",
    what: string,
    wireCode: number = TFTP_ERROR.illegalOperation,
  ): TftpReaction {
    return {
      send: encodeError(wireCode, "not acceptable"),
      failure: new InstallerError(code, `the TFTP server sent ${what}`),
    };
  }
}

function wantedOptions(blockBytes: number): TftpOptions {
  return new Map([
    ["blksize", String(blockBytes)],
    ["tsize", "0"],
    ["windowsize", String(WINDOW_BLOCKS)],
  ]);
}

function errorCode(code: number, text: string): "E_TFTP_NOT_FOUND" | "E_TFTP_ACCESS" | "E_TFTP_SERVER" {
  if (code === TFTP_ERROR.fileNotFound) return "E_TFTP_NOT_FOUND";
  if (code === TFTP_ERROR.accessViolation) return "E_TFTP_ACCESS";
  const isAbsent = code === TFTP_ERROR.notDefined && NOT_FOUND_TEXT.test(text);
  return isAbsent ? "E_TFTP_NOT_FOUND" : "E_TFTP_SERVER";
}
