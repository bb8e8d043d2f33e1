import { InstallerError } from "../../core/errors.ts";

/** Option values of a request or of its acknowledgement, lower-case names (RFC 2347). */
export type TftpOptions = ReadonlyMap<string, string>;

/** What a server sends (RFC 1350, RFC 2347). */
export type TftpReply =
  | { readonly kind: "data"; readonly block: number; readonly payload: Buffer }
  | { readonly kind: "option-acknowledgement"; readonly options: TftpOptions }
  | { readonly kind: "error"; readonly code: number; readonly text: string };

/** Error codes of RFC 1350 section 5 and RFC 2347. */
export const TFTP_ERROR = {
  notDefined: 0,
  fileNotFound: 1,
  accessViolation: 2,
  diskFull: 3,
  illegalOperation: 4,
  unknownTransfer: 5,
  optionRefused: 8,
} as const;

const OPCODE = { readRequest: 1, data: 3, acknowledgement: 4, error: 5, optionAcknowledgement: 6 } as const;
const MAXIMUM_OPTIONS = 16;
const MAXIMUM_TEXT = 200;

/** A request to read `name` in octet mode; RangeError when the name cannot be written (empty, or with a NUL). */
export function encodeReadRequest(name: string, options: TftpOptions): Buffer {
  if (name === "" || name.includes("\0"))
    throw new RangeError("a TFTP file name has no NUL and is not empty");
  const words = [name, "octet", ...[...options].flat()];
  return Buffer.concat([opcode(OPCODE.readRequest), Buffer.from(words.map((word) => `${word}\0`).join(""))]);
}

export function encodeAcknowledgement(block: number): Buffer {
  const packet = Buffer.alloc(4);
  packet.writeUInt16BE(OPCODE.acknowledgement, 0);
  packet.writeUInt16BE(block, 2);
  return packet;
}

export function encodeError(code: number, text: string): Buffer {
  const number = Buffer.alloc(2);
  number.writeUInt16BE(code);
  return Buffer.concat([opcode(OPCODE.error), number, Buffer.from(`${text}\0`)]);
}

/** Reads a datagram from a server; throws E_TFTP_PROTOCOL for anything that a server has no business to send. */
export function parseTftpReply(packet: Buffer): TftpReply {
  if (packet.length < 2) throw malformed(`a packet of ${packet.length} bytes`);
  const operation = packet.readUInt16BE(0);
  switch (operation) {
    case OPCODE.data:
      if (packet.length < 4) throw malformed("a data packet without a block number");
      return { kind: "data", block: packet.readUInt16BE(2), payload: packet.subarray(4) };
    case OPCODE.error:
      if (packet.length < 4) throw malformed("an error packet without a code");
      return { kind: "error", code: packet.readUInt16BE(2), text: parseErrorText(packet.subarray(4)) };
    case OPCODE.optionAcknowledgement:
      return { kind: "option-acknowledgement", options: parseOptions(packet.subarray(2)) };
    default:
      throw malformed(`operation ${operation}`);
  }
}

/** Whether a packet is an error report, without looking at the rest of it. */
export function isErrorPacket(packet: Buffer): boolean {
  return packet.length >= 2 && packet.readUInt16BE(0) === OPCODE.error;
}

function parseOptions(area: Buffer): TftpOptions {
  const words = area.toString("latin1").split("\0");
  if (words.pop() !== "" || words.length % 2 !== 0) throw malformed("a truncated option acknowledgement");
  if (words.length > 2 * MAXIMUM_OPTIONS) throw malformed(`${words.length / 2} options`);
  const options = new Map<string, string>();
  for (let at = 0; at < words.length; at += 2)
    options.set((words[at] ?? "").toLowerCase(), words[at + 1] ?? "");
  return options;
}

/** The server's words, without what could disturb a terminal or a log. */
function parseErrorText(area: Buffer): string {
  const end = area.indexOf(0);
  const text = area.subarray(0, end === -1 ? area.length : end).toString("utf8");
  return text.replaceAll(/\p{Cc}/gu, "?").slice(0, MAXIMUM_TEXT);
}

function opcode(value: number): Buffer {
  return Buffer.of(0, value);
}

function malformed(what: string): InstallerError {
  return new InstallerError("E_TFTP_PROTOCOL", `the TFTP server sent ${what}`);
}
