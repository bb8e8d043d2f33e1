import type { JsonMember, JsonNode } from "./json-node.ts";
import { memberShape, type Shape } from "./json-shape.ts";

/** Keys (in the spelling of the schema) and array indexes, from the root of a file. */
export type JsonPath = readonly PropertyKey[];

/** Where a path leads in a file. */
export interface JsonPlace {
  /** The value, or its nearest ancestor that is there. */
  readonly node: JsonNode;
  /** The member that the last step of the path leads to; undefined in arrays, and when it is not there. */
  readonly member: JsonMember | undefined;
  /** `Machine.SecondaryNetworkEntries[0].Hostname`, each key as spelt in the file if it is there. */
  readonly spelling: string;
}

export function findPlace(root: JsonNode, shape: Shape, path: JsonPath): JsonPlace {
  let place: JsonPlace = { node: root, member: undefined, spelling: "" };
  let current = shape;
  for (const step of path) {
    place = takeStep(place, current, step);
    current = typeof step === "number" ? (current.items ?? {}) : memberShape(current, String(step));
  }
  return place;
}

function takeStep({ node, spelling }: JsonPlace, shape: Shape, step: PropertyKey): JsonPlace {
  if (typeof step === "number") {
    const item = node.kind === "array" ? node.items[step] : undefined;
    return { node: item ?? node, member: undefined, spelling: `${spelling}[${step}]` };
  }
  const key = String(step);
  const member = node.kind === "object" ? findMember(node.members, shape, key) : undefined;
  const prefix = spelling === "" ? "" : `${spelling}.`;
  return { node: member?.value ?? node, member, spelling: `${prefix}${member?.key ?? key}` };
}

/** The member that counts: of several the last that is not null; keys of the operator's own are told apart by case. */
function findMember(members: readonly JsonMember[], shape: Shape, key: string): JsonMember | undefined {
  const isExact = shape.properties === undefined;
  const lower = key.toLowerCase();
  const isIt = (member: JsonMember): boolean =>
    isExact ? member.key === key : member.key.toLowerCase() === lower;
  return members.findLast((member) => isIt(member) && member.value.kind !== "null");
}
