import type { Shape } from "./srpc-value.ts";

/** Where two pieces of plain data differ first, and how; undefined when they are equal. */
export function findDifference(ours: unknown, recorded: unknown, path = ""): string | undefined {
  if (isBranch(ours) && isBranch(recorded) && Array.isArray(ours) === Array.isArray(recorded)) {
    for (const key of new Set([...Object.keys(ours), ...Object.keys(recorded)])) {
      const why = findDifference(ours[key], recorded[key], `${path}.${key}`);
      if (why !== undefined) return why;
    }
    return undefined;
  }
  if (ours === recorded) return undefined;
  return `${path === "" ? "" : `${path.slice(1)}: `}${show(ours)}, recorded ${show(recorded)}`;
}

/**
 * Why a receiver that knows the recorded type cannot take ours. Fields go by name, in any order; which of them are sent
 * is the sender's choice (spec/gob.md A8).
 */
export function findShapeDifference(ours: Shape, recorded: Shape, path = ""): string | undefined {
  if (typeof ours === "string" || typeof recorded === "string" || !("fields" in ours && "fields" in recorded))
    return findPartDifference(ours, recorded, path);
  for (const [name, shape] of Object.entries(ours.fields)) {
    const known = recorded.fields[name];
    const why =
      known === undefined
        ? `field ${path}.${name} is unknown`
        : findShapeDifference(shape, known, `${path}.${name}`);
    if (why !== undefined) return why;
  }
  return undefined;
}

function findPartDifference(ours: Shape, recorded: Shape, path: string): string | undefined {
  if (typeof ours === "string" || typeof recorded === "string") return findDifference(ours, recorded, path);
  if ("list" in ours && "list" in recorded)
    return (
      findDifference(ours.length, recorded.length, `${path}.length`) ??
      findShapeDifference(ours.list, recorded.list, `${path}[]`)
    );
  if ("key" in ours && "key" in recorded)
    return (
      findShapeDifference(ours.key, recorded.key, `${path} key`) ??
      findShapeDifference(ours.element, recorded.element, `${path} element`)
    );
  return findDifference(ours, recorded, path);
}

function isBranch(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

/** Long texts around the place that matters would hide it. */
function show(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length <= 400 ? text : `${text.slice(0, 400)}...`;
}
