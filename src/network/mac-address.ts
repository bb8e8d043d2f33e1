const SHORT_GROUPS = /^[0-9a-f]{0,2}(:[0-9a-f]{0,2}){1,19}$/;
const DASHED = /^[0-9a-f]{2}(-[0-9a-f]{2}){5}((-[0-9a-f]{2}){2}|(-[0-9a-f]{2}){14})?$/;
const DOTTED = /^[0-9a-f]{4}(\.[0-9a-f]{4}){2}((\.[0-9a-f]{4}){1}|(\.[0-9a-f]{4}){7})?$/;
const BARE = /^[0-9a-f]{12}$/;

/**
 * A hardware address in its one printed form (lower case, two digits a group, colons); undefined when `text` is none.
 * Accepts colon groups of 0 to 2 digits, dash and dot forms and 12 bare digits (spec/configuration.md section 8).
 */
export function parseMacAddress(text: string): string | undefined {
  const lower = text.toLowerCase();
  if (SHORT_GROUPS.test(lower)) {
    return lower
      .split(":")
      .map((group) => group.padStart(2, "0"))
      .join(":");
  }
  if (!DASHED.test(lower) && !DOTTED.test(lower) && !BARE.test(lower)) return undefined;
  return lower.replaceAll(/[-.]/g, "").replaceAll(/(..)(?!$)/g, "$1:");
}
