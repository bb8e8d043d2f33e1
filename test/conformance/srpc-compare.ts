import { findDifference, findShapeDifference } from "./srpc-difference.ts";
import type { Content } from "./srpc-parts.ts";
import { itemRule, type Verdict } from "./srpc-rules.ts";
import type { Item } from "./srpc-script.ts";
import { fieldOf, type GobValue } from "./srpc-value.ts";

/** Judges `ours` by the recorded `item`; nothing to say when they are the same. */
export function compareItem(item: Item, ours: Content): Verdict {
  const why = compareContent(item.content, ours);
  if (why === undefined) return {};
  return itemRule(item, ours) ?? { why: `${item.method} ${item.role}: ${why}` };
}

/** The difference of two contents of the same kind. */
export function compareContent(recorded: Content, ours: Content): string | undefined {
  return findTypeDifference(recorded, ours) ?? findDifference(comparable(ours), comparable(recorded));
}

function findTypeDifference(recorded: Content, ours: Content): string | undefined {
  if (!("shape" in recorded && "shape" in ours)) return undefined;
  const why = findShapeDifference(ours.shape, recorded.shape);
  if (why !== undefined || !("concrete" in recorded && "concrete" in ours)) return why;
  for (const [name, shape] of Object.entries(ours.concrete)) {
    const difference = findShapeDifference(shape, recorded.concrete[name] ?? "unknown", `.${name}`);
    if (difference !== undefined) return difference;
  }
  return undefined;
}

/** Sets in a fixed order, and without what is the server's own choice. */
function comparable(content: Content): unknown {
  switch (content.kind) {
    case "names":
      return content.names.toSorted();
    case "directories":
      return content.values.map((value) => JSON.stringify(value)).sort();
    case "raw":
      return content.bytes.toString("hex");
    case "value":
      return withoutCreationTime(content.value);
    case "line":
      return content.text;
    case "updates":
      return content.values;
  }
}

/** An image is made when it is made, but at some time. */
function withoutCreationTime(value: GobValue): GobValue {
  const image = fieldOf(value, "Image");
  if (image === "" || fieldOf(image, "CreatedOn") === "") return value;
  return { ...asStruct(value), Image: { ...asStruct(image), CreatedOn: "some time" } };
}

function asStruct(value: GobValue): { readonly [field: string]: GobValue } {
  return value as { readonly [field: string]: GobValue };
}
