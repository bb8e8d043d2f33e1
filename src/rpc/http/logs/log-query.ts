/** The query of `/logs*` (spec/metrics.md section 1): words without `=` are flags. */
export interface LogQuery {
  readonly flags: ReadonlySet<string>;
  /** The first value of each name. */
  readonly values: ReadonlyMap<string, string>;
  /** Expressions that a line must match one of; none: every line. */
  readonly includes: readonly string[];
  /** Expressions none of which a line may match. */
  readonly excludes: readonly string[];
}

/** Further words are of nobody who means well. */
const MOST_WORDS = 64;

/** Values are taken as they are, but `include` and `exclude` are decoded as web forms are. */
export function parseLogQuery(query: string): LogQuery {
  const flags = new Set<string>();
  const values = new Map<string, string>();
  const lists = { include: [] as string[], exclude: [] as string[] };
  for (const word of query.split("&", MOST_WORDS)) {
    const equals = word.indexOf("=");
    const name = equals < 0 ? word : word.slice(0, equals);
    const value = word.slice(equals + 1);
    if (name === "") continue;
    if (equals < 0) flags.add(name);
    else if (name === "include" || name === "exclude") {
      if (value !== "") lists[name].push(decodeFormValue(value));
    } else if (!values.has(name)) values.set(name, value);
  }
  return { flags, values, includes: lists.include, excludes: lists.exclude };
}

function decodeFormValue(value: string): string {
  const [[, decoded = ""] = []] = new URLSearchParams(`v=${value}`);
  return decoded;
}

const UNIT_SECONDS: Readonly<Record<string, number>> = {
  s: 1,
  m: 60,
  h: 3_600,
  d: 86_400,
  w: 7 * 86_400,
  M: 31 * 86_400,
  y: 365 * 86_400,
};

/** Milliseconds of `10m` and the like (units s, m, h, d, w, M of 31 days, y); undefined for anything else. */
export function parseTimeSpan(text: string): number | undefined {
  const [, count = "", unit = ""] = /^(\d{1,9})([smhdwMy])$/.exec(text) ?? [];
  const seconds = UNIT_SECONDS[unit];
  return seconds === undefined ? undefined : Number(count) * seconds * 1000;
}
