import { hintOf, messageChain } from "../core/errors.ts";
import { kindOf } from "./exit-code.ts";

/**
 * What the operator reads when a command fails: one line `error DOING: REASON` (or the bare reason) with the whole chain,
 * then a hint, then for a defect of ours the stack. Ends with a newline.
 */
export function renderError(error: unknown, doing?: string): string {
  const prefix = doing === undefined ? "" : `error ${doing}: `;
  const hint = hintOf(error);
  const lines = [prefix + messageChain(error)];
  if (hint !== undefined) lines.push(`  hint: ${hint}`);
  if (kindOf(error) === "bug" && error instanceof Error) lines.push(stackOf(error));
  return `${lines.join("\n")}\n`;
}

function stackOf(error: Error): string {
  return (error.stack ?? "").split("\n").slice(1).join("\n");
}
