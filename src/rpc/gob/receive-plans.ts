import { readConcreteType, readInterfaceName, readSingletonMark } from "./concrete-type.ts";
import { corrupt, wrongType } from "./errors.ts";
import { basicReader, basicTypeOf, isBasic, opaqueReader, readByteArray } from "./leaf-plans.ts";
import type { MessageCursor } from "./message-cursor.ts";
import { type Decoding, leaf, OpenPlan, type Plan, type TreeReader } from "./plan.ts";
import { describeSchema, type NodeOf, type SchemaNode, type StructNode, withoutPointers } from "./schema.ts";
import type { SkipPlans } from "./skip-plans.ts";
import { BASIC_TYPE, type WireField, type WireType, type WireTypes } from "./wire-types.ts";
import { zeroStruct } from "./zero.ts";

type Inner = ReturnType<typeof withoutPointers>;
type TreeNode = NodeOf<"slice" | "array" | "map" | "struct" | "interface">;

/** One field of the sender's struct. */
interface FieldPlan {
  readonly name: string;
  readonly wanted: boolean;
  readonly plan: Plan;
}

/**
 * Matches the sender's types with ours (spec/gob.md A8), once for each pair, and plans the decoding. A mismatch is
 * E_GOB_TYPE, whether or not the field is present in the value at hand.
 */
export class ReceivePlans {
  readonly #types: WireTypes;
  readonly #skipPlans: SkipPlans;
  readonly #plans = new Map<SchemaNode, Map<number, Plan>>();

  constructor(types: WireTypes, skipPlans: SkipPlans) {
    this.#types = types;
    this.#skipPlans = skipPlans;
  }

  /** Reads a value that stands for itself: at top level, or the contents of an interface. */
  *readDelimited(node: SchemaNode, id: number, cursor: MessageCursor): Decoding {
    const inner = withoutPointers(node);
    if (id > BASIC_TYPE.interface && this.#types.get(id) === undefined)
      throw corrupt(`unknown type id or corrupted data (${id})`);
    const plan = this.#planFor(inner, id, "a value");
    if (inner.kind === "struct") this.#requireCommonField(inner, id);
    else readSingletonMark(cursor);
    return plan.kind === "leaf" ? plan.read(cursor) : yield* plan.read(cursor);
  }

  #requireCommonField(node: StructNode, id: number): void {
    const type = this.#types.get(id);
    if (type?.kind !== "struct" || type.fields.length === 0 || node.fields.length === 0) return;
    if (!type.fields.some(({ name }) => node.fields.some((field) => field.name === name)))
      throw wrongType(`type mismatch: no fields matched compiling decoder for ${node.name}`);
  }

  #planFor(node: SchemaNode, id: number, where: string): Plan {
    const inner = withoutPointers(node);
    let plans = this.#plans.get(inner);
    if (plans === undefined) {
      plans = new Map();
      this.#plans.set(inner, plans);
    }
    const known = plans.get(id);
    if (known !== undefined) return known;
    const leafPlan = this.#leafFor(inner, id, where);
    if (leafPlan !== undefined) {
      plans.set(id, leafPlan);
      return leafPlan;
    }
    const plan = new OpenPlan();
    plans.set(id, plan);
    plan.close(this.#treeFor(inner as TreeNode, id, where));
    return plan;
  }

  /** A plan for the kinds that never span messages; undefined for the others. */
  #leafFor(node: Inner, id: number, where: string): Plan | undefined {
    if (isBasic(node)) {
      if (id !== basicTypeOf(node)) throw mismatch(node, where);
      return leaf(basicReader(node));
    }
    if (node.kind === "time" || node.kind === "opaque") {
      this.#typeOf("opaque", node, id, where);
      return leaf(opaqueReader(node));
    }
    if (node.kind === "byteArray") {
      const type = this.#typeOf("array", node, id, where);
      if (type.length !== node.length || type.element !== BASIC_TYPE.uint) throw mismatch(node, where);
      return leaf((cursor) => {
        readArrayCount(cursor, node.length);
        return readByteArray(cursor, node);
      });
    }
    return undefined;
  }

  #treeFor(node: TreeNode, id: number, where: string): TreeReader {
    switch (node.kind) {
      case "struct":
        return this.#structReader(node, id);
      case "slice":
        return sliceReader(
          this.#planFor(node.element, this.#typeOf("slice", node, id, where).element, where),
        );
      case "array": {
        const type = this.#typeOf("array", node, id, where);
        if (type.length !== node.length) throw mismatch(node, where);
        return sliceReader(this.#planFor(node.element, type.element, where), node.length);
      }
      case "map": {
        const type = this.#typeOf("map", node, id, where);
        const key = this.#planFor(node.key, type.key, where);
        return mapReader(key, this.#planFor(node.element, type.element, where));
      }
      case "interface":
        if (id !== BASIC_TYPE.interface) throw mismatch(node, where);
        return (cursor) => this.#readInterface(node, cursor);
    }
  }

  #typeOf<Kind extends WireType["kind"]>(
    kind: Kind,
    node: SchemaNode,
    id: number,
    where: string,
  ): WireType & { readonly kind: Kind } {
    const type = this.#types.get(id);
    if (type?.kind !== kind) throw mismatch(node, where);
    return type as WireType & { readonly kind: Kind };
  }

  #structReader(node: StructNode, id: number): TreeReader {
    const type = this.#types.get(id);
    if (type?.kind !== "struct")
      throw wrongType(`type mismatch in decoder: want struct type ${node.name}; got non-struct`);
    const fields = type.fields.map((field) => this.#fieldPlan(node, type.name, field));
    return structReader(zeroStruct(node), fields);
  }

  #fieldPlan(node: StructNode, sender: string, { name, type }: WireField): FieldPlan {
    const wanted = node.fields.find((field) => field.name === name);
    if (wanted === undefined) return { name, wanted: false, plan: this.#skipPlans.planFor(type) };
    return {
      name,
      wanted: true,
      plan: this.#planFor(wanted.type, type, `received field ${sender}.${name}`),
    };
  }

  *#readInterface(node: NodeOf<"interface">, cursor: MessageCursor): Decoding {
    const name = readInterfaceName(cursor);
    if (name === "") return undefined;
    const contents = node.types.get(name);
    if (contents === undefined) throw wrongType(`name not registered for interface: ${JSON.stringify(name)}`);
    cursor.enter();
    const id = yield* readConcreteType(cursor, this.#types);
    const value = yield* this.readDelimited(contents, id, cursor);
    cursor.leave();
    return { type: name, value };
  }
}

function mismatch(node: SchemaNode, where: string): Error {
  return wrongType(`wrong type (${describeSchema(node)}) for ${where}`);
}

function structReader(zero: Record<string, unknown>, fields: readonly FieldPlan[]): TreeReader {
  return function* (cursor) {
    const value = { ...zero };
    cursor.enter();
    // The end of the message ends a struct as well as its terminator.
    for (let index = -1; cursor.remaining > 0; ) {
      const delta = cursor.readUint();
      if (delta === 0) break;
      index += delta;
      const field = fields[index];
      if (field === undefined) throw corrupt("bad data: field numbers out of bounds");
      cursor.field = field.name;
      const part = field.plan.kind === "leaf" ? field.plan.read(cursor) : yield* field.plan.read(cursor);
      if (field.wanted) value[field.name] = part;
    }
    cursor.leave();
    return value;
  };
}

/** Reads a slice, or an array when `length` is given. Grows with what is present, never by the announced count. */
function sliceReader(element: Plan, length?: number): TreeReader {
  return function* (cursor) {
    cursor.enter();
    const count = length === undefined ? cursor.readUint() : readArrayCount(cursor, length);
    const elements: unknown[] = [];
    for (let index = 0; index < count; index++) {
      cursor.startElement();
      elements.push(element.kind === "leaf" ? element.read(cursor) : yield* element.read(cursor));
    }
    cursor.leave();
    return elements;
  };
}

function mapReader(key: Plan, element: Plan): TreeReader {
  return function* (cursor) {
    cursor.enter();
    const count = cursor.readUint();
    const entries = new Map<unknown, unknown>();
    for (let index = 0; index < count; index++) {
      cursor.startElement();
      const name = key.kind === "leaf" ? key.read(cursor) : yield* key.read(cursor);
      entries.set(name, element.kind === "leaf" ? element.read(cursor) : yield* element.read(cursor));
    }
    cursor.leave();
    return entries;
  };
}

function readArrayCount(cursor: MessageCursor, length: number): number {
  const count = cursor.readUint();
  if (count !== length) throw corrupt(`length mismatch in an array: ${count} instead of ${length}`);
  return count;
}
