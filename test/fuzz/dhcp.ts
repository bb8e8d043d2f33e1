import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { InstallerError } from "../../src/core/errors.ts";
import { encodeDhcpMessage, parseDhcpMessage } from "../../src/network/dhcp/codec.ts";
import { parseDhcpFrame } from "../../src/network/dhcp/frame.ts";
import { parseLease } from "../../src/network/dhcp/lease.ts";
import { leaseTimes } from "../../src/network/dhcp/lease-times.ts";
import { renderPacketLog } from "../../src/network/dhcp/packet-log.ts";
import { makeServerFrame } from "../unit/network/dhcp/server-frame.ts";
import { mutate } from "./mutate.ts";
import { type FuzzFailure, type FuzzOptions, type FuzzTarget, Random } from "./target.ts";

/** Inputs between two breaths of the event loop. */
const BATCH = 5000;
const TIME_LIMIT_MS = 1000;
/** What a message may grow to by mutation, so that its frame still has a length. */
const MAXIMUM_MESSAGE_BYTES = 60_000;

/** Recorded DHCP answers, damaged, alone and in packets with good and with damaged headers. */
export const dhcpTarget: FuzzTarget = {
  name: "dhcp",
  run: async (options) => fuzz(await readSeeds(), options),
};

async function fuzz(seeds: readonly Buffer[], { runs, seed }: FuzzOptions): Promise<FuzzFailure | undefined> {
  for (let run = 0; run < runs; run++) {
    const random = new Random(Math.imul(seed, 0x9e3779b1) + run);
    const message = mutate(random.pick(seeds), random, seeds).subarray(0, MAXIMUM_MESSAGE_BYTES);
    const frame = makeServerFrame({ message, checksum: random.pick(["whole", "absent", "begun"]) });
    const input = random.below(2) === 0 ? frame : mutate(frame, random, [frame]);
    const startedMs = performance.now();
    const what = problemOf(message) ?? frameProblemOf(input, input === frame ? message : undefined);
    const elapsedMs = performance.now() - startedMs;
    if (what !== undefined) return { run, what, input };
    if (elapsedMs > TIME_LIMIT_MS) return { run, what: `took ${Math.round(elapsedMs)} ms`, input };
    if (run % BATCH === 0) await nextTurn();
  }
  return undefined;
}

/** What is wrong with how a message is read; refusals by an InstallerError are not. */
function problemOf(packet: Buffer): string | undefined {
  try {
    const message = parseDhcpMessage(packet);
    if (!isDeepStrictEqual(parseDhcpMessage(encodeDhcpMessage(message)), message))
      return "is read differently once written again";
    const lease = parseLease("eth0", message, packet);
    leaseTimes(lease);
    const names = [...renderPacketLog(lease).keys()];
    if (names.some((name) => !/^[\w.()]+$/.test(name))) return `file names ${names.join(" ")}`;
    if (!lease.searchDomains.every((name) => /^[\w.-]{1,253}$/.test(name)))
      return `search domains ${JSON.stringify(lease.searchDomains)}`;
    return lease.routes.length > 64 ? `${lease.routes.length} routes` : undefined;
  } catch (error) {
    const isRefusal =
      error instanceof InstallerError && ["E_DHCP_PACKET", "E_DHCP_ANSWER"].includes(error.code);
    return isRefusal ? undefined : describe(error);
  }
}

function frameProblemOf(frame: Buffer, expected: Buffer | undefined): string | undefined {
  try {
    const found = parseDhcpFrame(frame);
    if (expected !== undefined && found?.equals(expected) !== true)
      return "the message in a good frame is lost";
    return found === undefined ? undefined : problemOf(found);
  } catch (error) {
    return describe(error);
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : "threw something that is not an Error";
}

async function readSeeds(): Promise<readonly Buffer[]> {
  const directory = join(import.meta.dirname, "../vectors/misc/dhcp");
  const names = (await readdir(directory)).filter((name) => name.endsWith(".json")).sort();
  const recorded = await Promise.all(
    names.map(async (name) => {
      const vector: { readonly packetHex: string } = JSON.parse(
        await readFile(join(directory, name), "utf8"),
      );
      return Buffer.from(vector.packetHex, "hex");
    }),
  );
  return [...recorded, withRoutesAndDomains(recorded[0] ?? Buffer.alloc(0))];
}

/** The options with an inner structure, which no recorded answer has. */
function withRoutesAndDomains(recorded: Buffer): Buffer {
  const message = parseDhcpMessage(recorded);
  return encodeDhcpMessage({
    ...message,
    options: new Map([
      ...message.options,
      [119, Buffer.from("\x03eng\x07example\x03com\0\x05sales\xc0\x04\xc0\x00", "latin1")],
      [121, Buffer.from([0, 10, 0, 0, 1, 25, 10, 17, 0, 128, 10, 0, 0, 2, 32, 1, 2, 3, 4, 0, 0, 0, 0])],
      [26, Buffer.of(5, 220)],
      [58, Buffer.of(0, 0, 1, 0)],
      [59, Buffer.of(0, 0, 2, 0)],
    ]),
  });
}
