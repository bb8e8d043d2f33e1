/** What has a meaning in HTML. */
const MARKUP = /[&<>"']/g;
/** Control characters but for line feed and tab; C0 ones are shown as their Unicode pictures. */
const CONTROL = /(?![\t\n])\p{Cc}/gu;
/** What changes the direction of writing and so could make a text read as another one. */
const DIRECTION = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/**
 * Text made safe for HTML content and attribute values, whoever wrote it: markup as character references, and nothing
 * invisible that would change what people read.
 */
export function escapeHtml(text: string): string {
  return text
    .replace(CONTROL, picture)
    .replace(DIRECTION, "\ufffd")
    .replace(MARKUP, (character) => `&#${character.charCodeAt(0)};`);
}

function picture(character: string): string {
  const code = character.charCodeAt(0);
  if (code === 0x7f) return "\u2421";
  return code < 0x20 ? String.fromCharCode(0x2400 + code) : "\ufffd";
}
