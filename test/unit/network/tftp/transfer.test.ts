import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { TftpReply } from "../../../../src/network/tftp/packet.ts";
import { type TftpReaction, TftpTransfer } from "../../../../src/network/tftp/transfer.ts";

const LIMIT = 1_000_000;

function data(block: number, payload: Buffer): TftpReply {
  return { kind: "data", block: block & 0xffff, payload };
}

function acknowledged(options: Readonly<Record<string, string>>): TftpReply {
  return { kind: "option-acknowledgement", options: new Map(Object.entries(options)) };
}

/** The block number of an acknowledgement that a reaction sends. */
function acknowledgedBlock({ send }: TftpReaction): number | undefined {
  return send?.readUInt16BE(0) === 4 ? send.readUInt16BE(2) : undefined;
}

function start(limitBytes = LIMIT): TftpTransfer {
  return new TftpTransfer("file", limitBytes);
}

test("asks for large blocks, windows and the size", () => {
  const { send, isRequest } = start().start();
  expect(isRequest).toBe(true);
  expect(send?.toString("latin1")).toBe("\0\x01file\0octet\0blksize\x001428\0tsize\x000\0windowsize\x0016\0");
});

test("a server without options: 512-byte blocks, each acknowledged", () => {
  const transfer = start();
  expect(acknowledgedBlock(transfer.onReply(data(1, Buffer.alloc(512, "a"))))).toBe(1);
  expect(acknowledgedBlock(transfer.onReply(data(2, Buffer.alloc(512, "b"))))).toBe(2);
  const last = transfer.onReply(data(3, Buffer.alloc(0)));
  expect(acknowledgedBlock(last)).toBe(3);
  expect(last.done).toBe(true);
  expect(transfer.content()).toEqual(Buffer.concat([Buffer.alloc(512, "a"), Buffer.alloc(512, "b")]));
});

test("a window is acknowledged at its end", () => {
  const transfer = start();
  expect(acknowledgedBlock(transfer.onReply(acknowledged({ blksize: "8", windowsize: "3" })))).toBe(0);
  const reactions = [1, 2, 3, 4, 5, 6].map((block) => transfer.onReply(data(block, Buffer.alloc(8))));
  expect(reactions.map(acknowledgedBlock)).toEqual([undefined, undefined, 3, undefined, undefined, 6]);
});

test("a gap is acknowledged once, with the last good block", () => {
  const transfer = start();
  transfer.onReply(acknowledged({ blksize: "8", windowsize: "8" }));
  const reactions = [1, 2, 4, 5, 6].map((block) => transfer.onReply(data(block, Buffer.alloc(8))));
  expect(reactions.map(acknowledgedBlock)).toEqual([undefined, undefined, 2, undefined, undefined]);
  transfer.onReply(data(3, Buffer.alloc(8)));
  expect(acknowledgedBlock(transfer.onReply(data(5, Buffer.alloc(8))))).toBe(3);
});

test("the newest block once more is acknowledged again, older ones are passed over", () => {
  const transfer = start();
  transfer.onReply(data(1, Buffer.alloc(512)));
  transfer.onReply(data(2, Buffer.alloc(512)));
  expect(acknowledgedBlock(transfer.onReply(data(2, Buffer.alloc(512))))).toBe(2);
  expect(transfer.onReply(data(1, Buffer.alloc(512)))).toEqual({});
});

test("options acknowledged once more are answered again, but not after the first block", () => {
  const transfer = start();
  const options = acknowledged({ blksize: "8" });
  transfer.onReply(options);
  expect(acknowledgedBlock(transfer.onReply(options))).toBe(0);
  transfer.onReply(data(1, Buffer.alloc(8)));
  expect(transfer.onReply(options)).toEqual({});
});

test("silence repeats the request, later the acknowledgement", () => {
  const transfer = start();
  expect(transfer.onSilence()).toEqual(transfer.start());
  transfer.onReply(data(1, Buffer.alloc(512)));
  expect(acknowledgedBlock(transfer.onSilence())).toBe(1);
  expect(transfer.onSilence().progress).toBeUndefined();
});

test("block numbers roll over", () => {
  const transfer = start(LIMIT * 10);
  transfer.onReply(acknowledged({ blksize: "8" }));
  for (let block = 1; block <= 70_000; block++) {
    const { failure } = transfer.onReply(data(block, Buffer.alloc(8, block % 251)));
    if (failure !== undefined) throw failure;
  }
  expect(transfer.onReply(data(70_001, Buffer.of(1))).done).toBe(true);
  expect(transfer.content()).toHaveLength(560_001);
  expect(transfer.content()[65_536 * 8]).toBe(65_537 % 251);
});

test("a server that refuses options is asked without", () => {
  const transfer = start();
  const { send, isRequest } = transfer.onReply({ kind: "error", code: 8, text: "no" });
  expect(isRequest).toBe(true);
  expect(send?.toString("latin1")).toBe("\0\x01file\0octet\0");
  expect(transfer.onReply({ kind: "error", code: 8, text: "no" }).failure?.code).toBe("E_TFTP_SERVER");
});

describe("errors of the server", () => {
  test.each([
    [1, "File not found", "E_TFTP_NOT_FOUND"],
    [1, "", "E_TFTP_NOT_FOUND"],
    [0, "it does not exist here", "E_TFTP_NOT_FOUND"],
    [0, "No such file or directory", "E_TFTP_NOT_FOUND"],
    [0, "no image stream defined", "E_TFTP_SERVER"],
    [2, "file not found, or not yours", "E_TFTP_ACCESS"],
    [3, "disk full", "E_TFTP_SERVER"],
  ])("code %i with %j is %s", (code, text, expected) => {
    const { failure, send } = start().onReply({ kind: "error", code, text });
    expect(failure?.code).toBe(expected);
    expect(failure?.message).toBe(`code: ${code}, message: ${text}`);
    expect(send).toBeUndefined();
  });
});

describe("what a server must not do", () => {
  test.each<[string, readonly TftpReply[], string]>([
    ["a larger block size than asked for", [acknowledged({ blksize: "1429" })], "E_TFTP_PROTOCOL"],
    ["a block size below 8", [acknowledged({ blksize: "7" })], "E_TFTP_PROTOCOL"],
    ["a larger window than asked for", [acknowledged({ windowsize: "17" })], "E_TFTP_PROTOCOL"],
    ["a window of nothing", [acknowledged({ windowsize: "0" })], "E_TFTP_PROTOCOL"],
    ["a size that is no number", [acknowledged({ tsize: "-1" })], "E_TFTP_PROTOCOL"],
    ["an option that was not asked for", [acknowledged({ timeout: "1" })], "E_TFTP_PROTOCOL"],
    ["a size over the limit", [acknowledged({ tsize: "1000001" })], "E_TFTP_TOO_LARGE"],
    ["a block over its size", [data(1, Buffer.alloc(513))], "E_TFTP_PROTOCOL"],
    ["less than announced", [acknowledged({ tsize: "2" }), data(1, Buffer.of(1))], "E_TFTP_PROTOCOL"],
    ["more than announced", [acknowledged({ tsize: "2" }), data(1, Buffer.of(1, 2, 3))], "E_TFTP_PROTOCOL"],
    [
      "options after asking without",
      [{ kind: "error", code: 8, text: "" }, acknowledged({ blksize: "8" })],
      "E_TFTP_PROTOCOL",
    ],
  ])("%s", (_what, replies, expected) => {
    const transfer = start();
    const reaction = replies.map((reply) => transfer.onReply(reply)).at(-1);
    expect(reaction?.failure?.code).toBe(expected);
    expect(reaction?.send?.readUInt16BE(0)).toBe(5);
  });

  test("data without end", () => {
    const transfer = start(1024);
    expect(transfer.onReply(data(1, Buffer.alloc(512))).failure).toBeUndefined();
    expect(transfer.onReply(data(2, Buffer.alloc(512))).failure).toBeUndefined();
    expect(transfer.onReply(data(3, Buffer.of(1))).failure?.code).toBe("E_TFTP_TOO_LARGE");
  });
});

test("whatever is lost, repeated or swapped, the content is that of the file", () => {
  const faults = fc.array(fc.constantFrom("deliver", "lose", "repeat", "swap"), {
    minLength: 5,
    maxLength: 300,
  });
  fc.assert(
    fc.property(
      faults,
      fc.integer({ min: 0, max: 400 }),
      fc.integer({ min: 1, max: 16 }),
      (plan, size, window) => {
        const file = Buffer.from(Array.from({ length: size }, (_, index) => index % 251));
        expect(receiveOverBadWire(file, window, plan)).toEqual(file);
      },
    ),
    { seed: 5, numRuns: 300 },
  );
});

/** A server with its own window, over a wire that treats each packet by `plan`, then delivers all. */
function receiveOverBadWire(file: Buffer, window: number, plan: readonly string[]): Buffer {
  const transfer = start();
  transfer.onReply(acknowledged({ blksize: "8", windowsize: String(window), tsize: String(file.length) }));
  let acknowledgedUpTo = 0;
  let packets = 0;
  for (let round = 0; round < 500; round++) {
    const blocks: number[] = [];
    for (let block = acknowledgedUpTo + 1; block <= acknowledgedUpTo + window; block++) {
      if ((block - 1) * 8 <= file.length) blocks.push(block);
    }
    const arriving = blocks.flatMap((block) => {
      const fault = plan[packets++];
      if (fault === "lose") return [];
      return fault === "repeat" ? [block, block] : [block];
    });
    if (plan[packets] === "swap") arriving.reverse();
    for (const block of arriving) {
      const reaction = transfer.onReply(data(block, file.subarray((block - 1) * 8, block * 8)));
      if (reaction.failure !== undefined) throw reaction.failure;
      if (reaction.done === true) return transfer.content();
      const isLost = plan[packets++] === "lose";
      acknowledgedUpTo = (isLost ? undefined : acknowledgedBlock(reaction)) ?? acknowledgedUpTo;
    }
    acknowledgedUpTo = acknowledgedBlock(transfer.onSilence()) ?? acknowledgedUpTo;
  }
  throw new Error("the transfer never ended");
}
