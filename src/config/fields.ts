import { z } from "zod";
import { parseIpAddress, parseMask } from "../network/ip-address.ts";
import { parseMacAddress } from "../network/mac-address.ts";

// The kinds of value that the configuration files share (spec/configuration.md sections 8 and 9). Integers come as
// bigint from `toPlainValue`, so that their range can be checked before they become numbers. What `meta` says is for the
// JSON Schema files in docs/, where the library has no word for it.

/** Text that ends up in files, commands and log lines: one line of it. */
export const lineText = z.string().refine((text) => !/\p{Cc}/u.test(text), {
  error: (issue) => `found a control character in ${quote(issue.input)}`,
});

/** A non-negative integer up to `maximum` that a JavaScript number holds exactly. */
export function unsigned(maximum: number = Number.MAX_SAFE_INTEGER, minimum = 0): z.ZodType<number> {
  return z
    .bigint()
    .min(BigInt(minimum))
    .max(BigInt(maximum))
    .transform(Number)
    .meta({ type: "integer", minimum, maximum });
}

/** One of a few words. */
export function oneOf<const T extends readonly [string, ...string[]]>(words: T) {
  const expected = `${words.slice(0, -1).map(quote).join(", ")} or ${quote(words.at(-1))}`;
  return z.enum(words, { error: (issue) => `found ${quote(issue.input)}, expected ${expected}` });
}

/** An IP address in canonical spelling; "" is none. */
export const ipAddress = z.string().transform((text, context) => {
  if (text === "") return undefined;
  const address = parseIpAddress(text);
  if (address === undefined)
    context.issues.push({ code: "custom", input: text, message: `invalid IP address: ${text}` });
  return address;
});

/** A hardware address in canonical spelling; "" is none. */
export const macAddress = z.string().transform((text, context) => {
  if (text === "") return undefined;
  const address = parseMacAddress(text);
  if (address === undefined)
    context.issues.push({ code: "custom", input: text, message: `address ${text}: invalid MAC address` });
  return address;
});

/** A dotted IPv4 mask with contiguous ones; "" is none. */
export const subnetMask = z.string().transform((text, context) => {
  if (text === "") return undefined;
  if (parseMask(text) === undefined) {
    context.issues.push({
      code: "custom",
      input: text,
      message: `found ${quote(text)}, expected a mask like 255.255.255.0`,
    });
  }
  return text;
});

/** A key that other programs use: its type is checked, its value is not looked at. */
export const ignored = {
  schema: z.string().optional().describe("For editors."),
  text: z.string().optional().describe("Not used by the installer."),
  flag: z.boolean().optional().describe("Not used by the installer."),
  count: z
    .bigint()
    .min(0n)
    .optional()
    .meta({ type: "integer", minimum: 0, description: "Not used by the installer." }),
  texts: z.array(z.string()).optional().describe("Not used by the installer."),
  textMap: z.record(z.string(), z.string()).optional().describe("Not used by the installer."),
};

function quote(value: unknown): string {
  return typeof value === "bigint" ? String(value) : JSON.stringify(value);
}
