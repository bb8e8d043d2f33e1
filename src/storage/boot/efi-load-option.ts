import type { GptPartition } from "./gpt.ts";

/** The content of a `Boot####` variable (UEFI specification 2.10, section 3.1.3). */
export interface LoadOption {
  readonly attributes: number;
  /** What the firmware's menu shows. */
  readonly description: string;
  /** Every node, those that end the path included. */
  readonly filePath: readonly DevicePathNode[];
  readonly optionalData: Uint8Array;
}

/** A step of a device path (section 10.2). */
export interface DevicePathNode {
  readonly type: number;
  readonly subtype: number;
  readonly data: Uint8Array;
}

/** The firmware tries the option by itself. */
export const LOAD_OPTION_ACTIVE = 1;

/** Ends an entire device path. */
export const END_OF_PATH: DevicePathNode = { type: 0x7f, subtype: 0xff, data: new Uint8Array() };

const MEDIA = 4;
const HARD_DRIVE = 1;
const FILE_PATH = 4;

const NODE_HEADER_BYTES = 4;
const OPTION_HEADER_BYTES = 6;
const HARD_DRIVE_BYTES = 38;
const GUID_OFFSET = 20;
const GUID_BYTES = 16;
const FORMAT_GPT = 2;
const SIGNATURE_GUID = 2;

/** A partition of a GPT, found on whatever drive has it (section 10.3.5.1). */
export function hardDriveNode({ number, firstLba, sectorCount, guid }: GptPartition): DevicePathNode {
  const data = Buffer.alloc(HARD_DRIVE_BYTES);
  data.writeUInt32LE(number, 0);
  data.writeBigUInt64LE(firstLba, 4);
  data.writeBigUInt64LE(sectorCount, 12);
  data.set(guid, GUID_OFFSET);
  data.writeUInt8(FORMAT_GPT, 36);
  data.writeUInt8(SIGNATURE_GUID, 37);
  return { type: MEDIA, subtype: HARD_DRIVE, data };
}

/** A file on that partition (section 10.3.5.4), its path with backslashes. */
export function filePathNode(path: string): DevicePathNode {
  return { type: MEDIA, subtype: FILE_PATH, data: Buffer.from(`${path}\0`, "utf16le") };
}

/** UniquePartitionGUID of the GPT partition that the option's file lies on; undefined for anything else. */
export function partitionGuidOf({ filePath }: LoadOption): Uint8Array | undefined {
  const node = filePath.find(({ type, subtype }) => type === MEDIA && subtype === HARD_DRIVE);
  if (node?.data.byteLength !== HARD_DRIVE_BYTES || node.data[37] !== SIGNATURE_GUID) return undefined;
  return node.data.subarray(GUID_OFFSET, GUID_OFFSET + GUID_BYTES);
}

export function encodeLoadOption(option: LoadOption): Buffer {
  const filePath = Buffer.concat(option.filePath.map(encodeNode));
  const header = Buffer.alloc(OPTION_HEADER_BYTES);
  header.writeUInt32LE(option.attributes, 0);
  header.writeUInt16LE(filePath.byteLength, 4);
  const description = Buffer.from(`${option.description}\0`, "utf16le");
  return Buffer.concat([header, description, filePath, option.optionalData]);
}

/** Undefined for bytes that are no load option: what firmware keeps in its variables is not to be trusted. */
export function decodeLoadOption(bytes: Uint8Array): LoadOption | undefined {
  const option = Buffer.from(bytes);
  if (option.byteLength < OPTION_HEADER_BYTES) return undefined;
  const descriptionEnd = findNull(option, OPTION_HEADER_BYTES);
  if (descriptionEnd === undefined) return undefined;
  const pathStart = descriptionEnd + 2;
  const pathEnd = pathStart + option.readUInt16LE(4);
  if (pathEnd > option.byteLength) return undefined;
  const filePath = decodeNodes(option.subarray(pathStart, pathEnd));
  if (filePath === undefined) return undefined;
  return {
    attributes: option.readUInt32LE(0),
    description: option.toString("utf16le", OPTION_HEADER_BYTES, descriptionEnd),
    filePath,
    optionalData: option.subarray(pathEnd),
  };
}

function encodeNode({ type, subtype, data }: DevicePathNode): Buffer {
  const header = Buffer.from([type, subtype, 0, 0]);
  header.writeUInt16LE(NODE_HEADER_BYTES + data.byteLength, 2);
  return Buffer.concat([header, data]);
}

function decodeNodes(path: Buffer): readonly DevicePathNode[] | undefined {
  const nodes: DevicePathNode[] = [];
  for (let offset = 0; offset < path.byteLength; ) {
    if (path.byteLength - offset < NODE_HEADER_BYTES) return undefined;
    const lengthBytes = path.readUInt16LE(offset + 2);
    if (lengthBytes < NODE_HEADER_BYTES || offset + lengthBytes > path.byteLength) return undefined;
    nodes.push({
      type: path.readUInt8(offset),
      subtype: path.readUInt8(offset + 1),
      data: path.subarray(offset + NODE_HEADER_BYTES, offset + lengthBytes),
    });
    offset += lengthBytes;
  }
  return nodes;
}

/** Where the 16-bit zero is that ends a text. */
function findNull(bytes: Buffer, start: number): number | undefined {
  for (let offset = start; offset + 2 <= bytes.byteLength; offset += 2)
    if (bytes.readUInt16LE(offset) === 0) return offset;
  return undefined;
}
