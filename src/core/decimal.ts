/** The exact decimal text of `value` / 10^`fractionDigits`, without trailing zeroes (`1500`, 3 → `1.5`). */
export function formatDecimal(value: bigint, fractionDigits: number): string {
  const digits = absolute(value)
    .toString()
    .padStart(fractionDigits + 1, "0");
  const point = digits.length - fractionDigits;
  const fraction = digits.slice(point).replace(/0+$/, "");
  return `${value < 0n ? "-" : ""}${digits.slice(0, point)}${fraction === "" ? "" : `.${fraction}`}`;
}

/** `value` without its sign. */
export function absolute(value: bigint): bigint {
  return value < 0n ? -value : value;
}
