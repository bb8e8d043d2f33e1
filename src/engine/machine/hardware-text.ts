/** Longer identities are no identities. */
const LONGEST = 128;

/** What boards say whose maker did not fill the field in. */
const PLACEHOLDER =
  /^(?:to be filled by o\.?e\.?m\.?|default string|none|not (?:specified|applicable|available|present)|unknown|n\/a|o\.?e\.?m\.?|system (?:serial number|product name|manufacturer)|0+|[.\-x\s]*)$/i;

/**
 * Text that hardware or firmware made up, fit to be shown: one line without control and formatting characters, of limited
 * length; empty when it is a placeholder. Drives pad their names with blanks and NULs.
 */
export function cleanHardwareText(text: string): string {
  // Before the rest, so that the work is limited too.
  const printable = text.slice(0, 4 * LONGEST).replace(/[\p{C}\p{Zl}\p{Zp}\ufffd]+/gu, " ");
  const cleaned = printable.replace(/ {2,}/g, " ").trim();
  if (PLACEHOLDER.test(cleaned)) return "";
  return Array.from(cleaned).slice(0, LONGEST).join("").trimEnd();
}
