/** What a test may have different from a correct answer of 10.1.2.1. */
export interface ServerFrame {
  readonly message: Buffer;
  readonly ports?: readonly [source: number, destination: number];
  readonly destination?: readonly number[];
  /** UDP checksum: as it should be, left out, wrong, or only begun, as for a network card to finish. */
  readonly checksum?: "whole" | "absent" | "wrong" | "begun";
  /** Flags and fragment offset. */
  readonly fragment?: number;
  readonly protocol?: number;
  readonly ipOptions?: Buffer;
  /** What the link adds at the end. */
  readonly padding?: Buffer;
}

/** An IPv4 packet as servers send it; written apart from the code that it tests. */
export function makeServerFrame(frame: ServerFrame): Buffer {
  const { message, ports = [67, 68], destination = [10, 1, 2, 3], checksum = "whole" } = frame;
  const options = frame.ipOptions ?? Buffer.alloc(0);
  const headerBytes = 20 + options.length;
  const udp = Buffer.concat([Buffer.from([...words(ports), ...words([8 + message.length, 0])]), message]);
  const pseudoHeader = Buffer.from([10, 1, 2, 1, ...destination, 0, 17, ...words([udp.length])]);
  const begun = onesComplementSum(pseudoHeader);
  const whole = 0xffff - onesComplementSum(Buffer.concat([pseudoHeader, udp]));
  const value = { whole: whole === 0 ? 0xffff : whole, absent: 0, begun, wrong: whole ^ 0x0101 }[checksum];
  udp.writeUInt16BE(value, 6);
  const header = Buffer.concat([
    Buffer.from([
      0x40 | (headerBytes / 4),
      0,
      ...words([headerBytes + udp.length, 0x1234, frame.fragment ?? 0]),
    ]),
    Buffer.from([64, frame.protocol ?? 17, 0, 0, 10, 1, 2, 1, ...destination]),
    options,
  ]);
  header.writeUInt16BE(0xffff - onesComplementSum(header), 10);
  return Buffer.concat([header, udp, frame.padding ?? Buffer.alloc(0)]);
}

function words(values: readonly number[]): number[] {
  return values.flatMap((value) => [value >> 8, value & 0xff]);
}

function onesComplementSum(bytes: Buffer): number {
  const padded = bytes.length % 2 === 0 ? bytes : Buffer.concat([bytes, Buffer.of(0)]);
  let total = 0n;
  for (let at = 0; at < padded.length; at += 2) total += BigInt(padded.readUInt16BE(at));
  // The remainder modulo 65535, in which 0 is written as 65535 unless everything is zero.
  const rest = Number(total % 0xffffn);
  return rest === 0 && total > 0n ? 0xffff : rest;
}
