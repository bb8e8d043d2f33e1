/** An Ethernet frame with its 802.1Q tag apart. */
export interface TaggedFrame {
  /** 0: without a tag, or with one that only gives a priority. */
  readonly vlanId: number;
  /** The frame as it is without the tag. */
  readonly untagged: Buffer;
}

const TAG_OFFSET = 12;
const TAG_BYTES = 4;
const TAG_PROTOCOL = 0x8100;
const VLAN_MASK = 0xfff;
const HEADER_BYTES = 14;
const LENGTH_BYTES = 4;

/** Undefined for what is shorter than an Ethernet header. */
export function splitTag(frame: Buffer): TaggedFrame | undefined {
  if (frame.length < HEADER_BYTES) return undefined;
  if (frame.readUInt16BE(TAG_OFFSET) !== TAG_PROTOCOL) return { vlanId: 0, untagged: frame };
  if (frame.length < HEADER_BYTES + TAG_BYTES) return undefined;
  const vlanId = frame.readUInt16BE(TAG_OFFSET + 2) & VLAN_MASK;
  const untagged = Buffer.concat([frame.subarray(0, TAG_OFFSET), frame.subarray(TAG_OFFSET + TAG_BYTES)]);
  return { vlanId, untagged };
}

/** The untagged `frame` with a tag of priority 0. */
export function addTag(frame: Buffer, vlanId: number): Buffer {
  const tag = Buffer.alloc(TAG_BYTES);
  tag.writeUInt16BE(TAG_PROTOCOL);
  tag.writeUInt16BE(vlanId, 2);
  return Buffer.concat([frame.subarray(0, TAG_OFFSET), tag, frame.subarray(TAG_OFFSET)]);
}

/** `52:54:00:77:00:10`, the six bytes at `offset`. */
export function formatMac(frame: Buffer, offset: number): string {
  return (
    frame
      .toString("hex", offset, offset + 6)
      .match(/../g)
      ?.join(":") ?? ""
  );
}

/** A frame as QEMU's `-netdev stream` sends it: its length as 32 bits in network order, then itself. */
export function encodeStreamFrame(frame: Buffer): Buffer {
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32BE(frame.length);
  return Buffer.concat([length, frame]);
}

/** Finds the frames in what QEMU sends, however it is cut into chunks. */
export class StreamFrames {
  #rest: Buffer = Buffer.alloc(0);

  /** The frames that `chunk` completes. */
  push(chunk: Buffer): readonly Buffer[] {
    const data = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const frames: Buffer[] = [];
    let position = 0;
    while (data.length - position >= LENGTH_BYTES) {
      const end = position + LENGTH_BYTES + data.readUInt32BE(position);
      if (end > data.length) break;
      frames.push(data.subarray(position + LENGTH_BYTES, end));
      position = end;
    }
    this.#rest = data.subarray(position);
    return frames;
  }
}
