import { setImmediate as nextTurn } from "node:timers/promises";
import { classifyOpening, HEAD_LIMIT_BYTES, withCarriageReturns } from "../../src/rpc/port/first-bytes.ts";
import { mutate } from "./mutate.ts";
import { type FuzzTarget, Random } from "./target.ts";

/** Inputs between two breaths of the event loop. */
const BATCH = 2000;

const SEEDS: readonly Buffer[] = [
  "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
  "CONNECT /_goSRPC_/ HTTP/1.0\n\nImageServer.ListImages\n",
  "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0",
  "GET / HTTP/1.1\r\nHost: x\r\n\r\nGET /logs HTTP/1.1\r\nHost: x\r\n\r\n",
  "GET /_goSRPC_/listMethods HTTP/1.0\n\n",
  "POST / HTTP/1.0\nContent-Length: 3\nA: b\r\n\nabc",
  `GET / HTTP/1.0\n${"Header: value\n".repeat(HEAD_LIMIT_BYTES / 14)}`,
  `GET /${"x".repeat(HEAD_LIMIT_BYTES)} HTTP/1.1\r\n\r\n`,
].map((text) => Buffer.from(text, "latin1"));

/** How the shared port tells protocols apart: by what came so far, which may be cut anywhere. */
export const portOpeningTarget: FuzzTarget = {
  name: "port-opening",
  run: async ({ runs, seed }) => {
    for (let run = 0; run < runs; run++) {
      const random = new Random(Math.imul(seed, 0x9e3779b1) + run);
      const input = mutate(random.pick(SEEDS), random, SEEDS);
      const what = problemOf(input, random);
      if (what !== undefined) return { run, what, input };
      if (run % BATCH === 0) await nextTurn();
    }
    return undefined;
  },
};

function problemOf(input: Buffer, random: Random): string | undefined {
  try {
    const whole = classifyOpening(input);
    const early = classifyOpening(input.subarray(0, random.below(input.length + 1)));
    if (early !== undefined && early !== whole) return `${early} at first, ${whole ?? "nothing"} later`;
    if (whole === undefined && input.length >= HEAD_LIMIT_BYTES)
      return "undecided although the head is too long";
    const mended = withCarriageReturns(input);
    if (!withCarriageReturns(mended).equals(mended)) return "mended twice is not mended once";
    const added = mended.length - input.length;
    const bareLines = input.subarray(0, HEAD_LIMIT_BYTES).filter((byte) => byte === 0x0a).length;
    return added < 0 || added > bareLines ? `mending added ${added} bytes` : undefined;
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : "threw something that is not an Error";
  }
}
