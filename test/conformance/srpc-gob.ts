import { GobMessage, type WireField, type WireType } from "./srpc-gob-message.ts";
import type { CountingReader } from "./srpc-stream.ts";
import type { Decoded, GobValue, Shape } from "./srpc-value.ts";

const BASIC = ["", "bool", "int", "uint", "float", "bytes", "string", "complex", "interface"];
const UINT = 3;

/**
 * Decodes one gob stream by nothing but what the stream says of itself (spec/gob.md part A). Independent of the decoder
 * under test on purpose: it sees fields and types that a schema of ours would pass over.
 */
export class PlainGobDecoder {
  readonly #reader: CountingReader;
  readonly #types = new Map<number, WireType>();
  #message = new GobMessage(Buffer.alloc(0));
  #concrete: Record<string, Shape> = {};

  constructor(reader: CountingReader) {
    this.#reader = reader;
  }

  async decode(): Promise<Decoded> {
    for (;;) {
      await this.#nextMessage();
      const id = Number(this.#message.int());
      if (id < 0) {
        this.#define(-id);
        continue;
      }
      if (this.#types.get(id)?.kind !== "struct" && this.#message.uint() !== 0n)
        throw new Error("no zero byte");
      this.#concrete = {};
      const value = await this.#value(id);
      if (!this.#message.isRead) throw new Error("bytes behind a value");
      return { value, shape: this.#shape(id), concrete: this.#concrete };
    }
  }

  async #nextMessage(): Promise<void> {
    const first = (await this.#reader.bytes(1))[0] ?? 0;
    const length = first < 128 ? first : (await this.#reader.bytes(256 - first)).readUIntBE(0, 256 - first);
    this.#message = new GobMessage(await this.#reader.bytes(length));
  }

  async #value(id: number): Promise<GobValue> {
    const type = this.#types.get(id);
    switch (type?.kind) {
      case undefined:
        return this.#basic(id);
      case "opaque":
        return type.name === "Time" ? timeText(this.#message.text()) : this.#message.text().toString("hex");
      case "struct":
        return this.#struct(type.fields);
      case "map":
        return this.#map(type.key, type.element);
      case "array":
      case "slice":
        return this.#list(type.element, type.kind === "array" && type.element === UINT);
    }
  }

  async #basic(id: number): Promise<GobValue> {
    switch (BASIC[id]) {
      case "bool":
        return this.#message.uint() === 1n;
      case "int":
        return String(this.#message.int());
      case "uint":
        return String(this.#message.uint());
      case "bytes":
        return this.#message.text().toString("hex");
      case "string":
        return this.#message.text().toString("latin1");
      case "interface":
        return this.#interface();
      default:
        throw new Error(`a value of the undefined type ${id}`);
    }
  }

  async #struct(fields: readonly WireField[]): Promise<GobValue> {
    const value: Record<string, GobValue> = {};
    for (let index = -1, delta = this.#message.uint(); delta !== 0n; delta = this.#message.uint()) {
      index += Number(delta);
      const field = fields[index];
      if (field === undefined) throw new Error(`there is no field ${index}`);
      value[field.name] = await this.#value(field.id);
    }
    return value;
  }

  /** Hashes, which are arrays of numbers, in hex. */
  async #list(element: number, isBytes: boolean): Promise<GobValue> {
    const count = Number(this.#message.uint());
    const values: GobValue[] = [];
    for (let index = 0; index < count; index++) values.push(await this.#value(element));
    return isBytes ? Buffer.from(values.map(Number)).toString("hex") : values;
  }

  /** Pairs, in the order of their text: the order on the wire means nothing. */
  async #map(key: number, element: number): Promise<GobValue> {
    const count = Number(this.#message.uint());
    const pairs: [GobValue, GobValue][] = [];
    for (let index = 0; index < count; index++)
      pairs.push([await this.#value(key), await this.#value(element)]);
    return pairs.sort(([a], [b]) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  }

  async #interface(): Promise<GobValue> {
    const name = this.#message.text().toString("latin1");
    if (name === "") return null;
    let id = Number(this.#message.int());
    for (; id < 0; id = Number(this.#message.int())) {
      this.#define(-id);
      // The value goes on in the next message (spec/gob.md A6, the pitfall).
      if (this.#message.isRead) await this.#nextMessage();
      else this.#message.uint();
    }
    this.#message.uint();
    if (this.#types.get(id)?.kind !== "struct" && this.#message.uint() !== 0n)
      throw new Error("no zero byte");
    this.#concrete[name] = this.#shape(id);
    return { type: name, value: await this.#value(id) };
  }

  #define(id: number): void {
    if (id < 64 || this.#types.has(id)) throw new Error(`type ${id} is defined twice or reserved`);
    this.#types.set(id, this.#message.wireType());
  }

  #shape(id: number): Shape {
    const type = this.#types.get(id);
    switch (type?.kind) {
      case undefined:
        return BASIC[id] ?? `undefined ${id}`;
      case "opaque":
        return type.name;
      case "slice":
        return { list: this.#shape(type.element) };
      case "array":
        return { list: this.#shape(type.element), length: type.length ?? 0 };
      case "map":
        return { key: this.#shape(type.key), element: this.#shape(type.element) };
      case "struct":
        return { fields: Object.fromEntries(type.fields.map(({ name, id }) => [name, this.#shape(id)])) };
    }
  }
}

/** The moment of a time.Time (spec/gob.md A7), whatever zone it is told in. */
function timeText(bytes: Buffer): string {
  return `${bytes.readBigInt64BE(1)}.${bytes.readUInt32BE(9)}`;
}
