import type { FlagFact } from "../../rpc/http/metrics/metrics-source.ts";
import type { FlagSpec } from "../flags/flag-table.ts";
import { type FlagTypeName, type FlagTypeValues, formatFlagValue } from "../flags/flag-types.ts";
import { type Flags, installerFlags } from "../flags/installer-flags.ts";

/** The flags of this run as metrics (spec/metrics.md section 5.3). */
export function flagFacts(flags: Flags): readonly FlagFact[] {
  const table = installerFlags({ effectiveUserId: 0, processId: 0 });
  return Object.entries(table).map(([name, spec]) => ({
    name,
    description: spec.description,
    ...factOf(spec, flags[name as keyof Flags]),
  }));
}

function factOf({ type }: FlagSpec, value: FlagTypeValues[FlagTypeName]): Pick<FlagFact, "kind" | "value"> {
  switch (type) {
    case "bool":
      return { kind: "bool", value: value as boolean };
    case "int":
      return { kind: "int64", value: value as number };
    case "uint":
    case "port":
    case "size":
      return { kind: "uint64", value: value as number };
    case "duration":
      return { kind: "duration", value: value as bigint };
    default:
      return { kind: "string", value: formatFlagValue(type, value as never) };
  }
}
