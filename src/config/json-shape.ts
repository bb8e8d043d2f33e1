import { z } from "zod";

/** The part of a JSON Schema (2020-12) that the schemas of our configuration files come out as. */
export interface Shape {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly required?: readonly string[];
  readonly items?: Shape;
  /** false: a key that is not among the properties is an error. */
  readonly additionalProperties?: Shape | boolean;
  readonly [keyword: string]: unknown;
}

/** What a file must look like to be accepted by `schema`, as plain data. */
export function shapeOf(schema: z.ZodType): Shape {
  return z.toJSONSchema(schema, {
    io: "input",
    unrepresentable: "any",
    // The library leaves out defaults of what it transforms: they need not be input. Ours are.
    override: ({ zodSchema, jsonSchema }) => {
      const { def } = zodSchema._zod;
      if (def.type === "default") jsonSchema.default = def.defaultValue;
    },
  }) as Shape;
}

/** The keys that `shape` knows, as they are spelt in documentation; none for a map of the operator's own keys. */
export function knownKeys(shape: Shape): readonly string[] {
  return Object.keys(shape.properties ?? {});
}

/** The known key that `key` is, whatever its case; undefined when it is none. */
export function findKnownKey(shape: Shape, key: string): string | undefined {
  const lower = key.toLowerCase();
  return knownKeys(shape).find((known) => known.toLowerCase() === lower);
}

/** Of the value under `key`, spelt as in `properties`. */
export function memberShape(shape: Shape, key: string): Shape {
  const other = typeof shape.additionalProperties === "object" ? shape.additionalProperties : {};
  return shape.properties === undefined ? other : (shape.properties[key] ?? {});
}
