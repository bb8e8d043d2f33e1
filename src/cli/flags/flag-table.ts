import type { FlagTypeName, FlagTypeValues } from "./flag-types.ts";

/** One declared flag, as plain data. */
export type FlagSpec = {
  readonly [Name in FlagTypeName]: {
    readonly type: Name;
    readonly default: FlagTypeValues[Name];
    /** For the usage text; starts in capitals, no full stop. */
    readonly description: string;
  };
}[FlagTypeName];

/** Flags by name, without dash. */
export type FlagTable = Readonly<Record<string, FlagSpec>>;

/** The typed values of a table's flags. */
export type FlagValues<Table extends FlagTable> = {
  readonly [Name in keyof Table]: FlagTypeValues[Table[Name]["type"]];
};
