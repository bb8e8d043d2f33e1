/** An answer to an HTTP request, taken apart. */
export interface HttpAnswer {
  readonly version: string;
  readonly status: string;
  /** By name in small letters. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

/** Throws for bytes that are no HTTP answer. */
export function parseHttpAnswer(bytes: Buffer): HttpAnswer {
  const end = bytes.indexOf("\r\n\r\n");
  const [first = "", ...lines] = bytes.subarray(0, Math.max(end, 0)).toString("latin1").split("\r\n");
  const [, version, status] = /^(HTTP\/1\.[01]) ([0-9]{3} .+)$/.exec(first) ?? [];
  if (version === undefined || status === undefined)
    throw new Error(`no HTTP answer: ${JSON.stringify(bytes.subarray(0, 100).toString("latin1"))}`);
  const headers = new Map(
    lines.map((line): [string, string] => {
      const colon = line.indexOf(": ");
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 2)];
    }),
  );
  return { version, status, headers, body: bytes.subarray(end + 4) };
}

/** RFC 9110 section 5.6.7, the preferred form. */
const DATE =
  /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), [0-3][0-9] [A-Z][a-z]{2} [0-9]{4} [0-2][0-9]:[0-5][0-9]:[0-6][0-9] GMT$/;

/** The first header that differs, dates by their form; `ignored` are names in small letters. */
export function compareHeaders(
  ours: HttpAnswer,
  recorded: HttpAnswer,
  ignored: readonly string[],
): string | undefined {
  for (const name of new Set([...ours.headers.keys(), ...recorded.headers.keys()])) {
    if (ignored.includes(name)) continue;
    const [our, their] = [ours.headers.get(name), recorded.headers.get(name)];
    const isSame = name === "date" ? DATE.test(our ?? "") && DATE.test(their ?? "") : our === their;
    if (!isSame) return `header ${name}: ${our ?? "absent"}, recorded ${their ?? "absent"}`;
  }
  return undefined;
}
