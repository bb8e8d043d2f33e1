import { PassThrough, Readable } from "node:stream";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { byteReaderFromIterable, byteReaderFromStream } from "../../../src/rpc/byte-reader.ts";

const bytes = (text: string): Uint8Array => Buffer.from(text, "utf8");
const text = (value: Uint8Array | undefined): string | undefined =>
  value === undefined ? undefined : Buffer.from(value).toString("utf8");

describe("ByteReader", () => {
  it("reads lines, bytes and blocks in turn without losing what arrived early", async () => {
    const reader = byteReaderFromIterable([bytes("one\ntw"), bytes("o\r\n\nAB"), bytes("CDEFrest")]);
    expect(await reader.readLine(10)).toBe("one");
    expect(await reader.readLine(10)).toBe("two\r");
    expect(await reader.readLine(10)).toBe("");
    expect(await reader.readByte()).toBe(0x41);
    expect(text(await reader.readExactly(5))).toBe("BCDEF");
    expect(text(await reader.readSome(2))).toBe("re");
    expect(reader.bufferedBytes).toBe(2);
    expect(text(reader.takeBuffered())).toBe("st");
    expect(await reader.atEnd()).toBe(true);
    expect(await reader.readSome(1)).toBeUndefined();
  });

  it("takes what has arrived at once, all of it or nothing", async () => {
    const reader = byteReaderFromIterable([bytes("abc"), bytes("def")]);
    expect(reader.take(0)?.length).toBe(0);
    expect(reader.take(1)).toBeUndefined();
    expect(await reader.readByte()).toBe(0x61);
    expect(reader.take(3)).toBeUndefined();
    expect(text(reader.take(2))).toBe("bc");
    expect(text(await reader.readExactly(3))).toBe("def");
  });

  it("gives the same answers however the bytes are cut", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat({ max: 6 }), { maxLength: 12 }), async (cuts) => {
        const whole = bytes("line\nBLOCK\nx\nremaining bytes");
        const chunks: Uint8Array[] = [];
        let start = 0;
        for (const cut of cuts) {
          chunks.push(whole.subarray(start, start + cut));
          start = Math.min(whole.length, start + cut);
        }
        chunks.push(whole.subarray(start));
        const reader = byteReaderFromIterable(chunks);
        expect(await reader.readLine(4)).toBe("line");
        expect(text(await reader.readExactly(6))).toBe("BLOCK\n");
        expect(await reader.readByte()).toBe(0x78);
        expect(await reader.readLine(0)).toBe("");
        const rest: Uint8Array[] = [];
        for (;;) {
          const part = await reader.readSome(3);
          if (part === undefined) break;
          expect(part.length).toBeGreaterThan(0);
          expect(part.length).toBeLessThanOrEqual(3);
          rest.push(part);
        }
        expect(text(Buffer.concat(rest))).toBe("remaining bytes");
      }),
      { numRuns: 200, seed: 1 },
    );
  });

  it.each([
    ["readByte", (reader: ReturnType<typeof byteReaderFromIterable>) => reader.readByte(), ""],
    ["readExactly", (reader: ReturnType<typeof byteReaderFromIterable>) => reader.readExactly(3), "ab"],
    ["readLine", (reader: ReturnType<typeof byteReaderFromIterable>) => reader.readLine(9), "ab"],
  ])("%s rejects with E_STREAM_ENDED when the stream ends early", async (_name, read, input) => {
    await expect(read(byteReaderFromIterable([bytes(input)]))).rejects.toMatchObject({
      code: "E_STREAM_ENDED",
    });
  });

  it("does not search for a line feed beyond the limit", async () => {
    await expect(byteReaderFromIterable([bytes("abcd\n")]).readLine(3)).rejects.toMatchObject({
      code: "E_LINE_TOO_LONG",
    });
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) yield bytes("xxxxxxxx");
    }
    await expect(byteReaderFromIterable(endless()).readLine(1000)).rejects.toMatchObject({
      code: "E_LINE_TOO_LONG",
    });
  });

  it("asks its source for nothing before it is needed", async () => {
    let pulled = 0;
    async function* source(): AsyncGenerator<Uint8Array> {
      for (;;) {
        pulled += 1;
        yield bytes("abcd");
      }
    }
    const reader = byteReaderFromIterable(source());
    expect(pulled).toBe(0);
    await reader.readExactly(4);
    expect(pulled).toBe(1);
    await reader.readExactly(5);
    expect(pulled).toBe(3);
    await reader.readSome(100);
    expect(pulled).toBe(3);
  });

  it("goes on when a chunk that it handed out whole has moved to another thread", async () => {
    const chunks = ["abcd", "efgh", "ij"].map((content) => Uint8Array.from(bytes(content)));
    const reader = byteReaderFromIterable(chunks);
    const move = (chunk: Uint8Array | undefined): string | undefined => {
      const copy = text(chunk);
      structuredClone(chunk, { transfer: chunk === undefined ? [] : [chunk.buffer as ArrayBuffer] });
      return copy;
    };
    expect(move(await reader.readSome(100))).toBe("abcd");
    expect(move(await reader.readExactly(4))).toBe("efgh");
    expect(reader.bufferedBytes).toBe(0);
    expect(text(await reader.readSome(100))).toBe("ij");
    expect(await reader.atEnd()).toBe(true);
  });

  it("releases a stream without closing it", async () => {
    const stream = new PassThrough();
    const reader = byteReaderFromStream(stream);
    stream.write("CONNECT\nrest");
    expect(await reader.readLine(100)).toBe("CONNECT");
    const early = reader.takeBuffered();
    await reader.release();
    expect(stream.destroyed).toBe(false);
    expect(stream.listenerCount("readable")).toBe(0);
    stream.unshift(early);
    stream.end(" of it");
    let rest = "";
    for await (const chunk of stream) rest += String(chunk);
    expect(rest).toBe("rest of it");
  });

  it("passes the error of a stream on", async () => {
    const stream = new Readable({ read: () => undefined });
    const reader = byteReaderFromStream(stream);
    const pending = reader.readByte();
    stream.destroy(new Error("cable cut"));
    await expect(pending).rejects.toThrow("cable cut");
  });

  it("does not pull more from a stream than its buffer while nobody reads", async () => {
    let produced = 0;
    const stream = new Readable({
      highWaterMark: 1024,
      read() {
        produced += 1024;
        this.push(Buffer.alloc(1024));
      },
    });
    const reader = byteReaderFromStream(stream);
    await reader.readExactly(10);
    await new Promise((resolve) => setImmediate(resolve));
    expect(produced).toBeLessThanOrEqual(8192);
    stream.destroy();
  });
});
