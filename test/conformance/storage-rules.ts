import type { Expectation, StorageCase } from "./storage-expectation.ts";
import { EFI_RULES } from "./storage-rules-efi.ts";
import { INPUT_RULES } from "./storage-rules-input.ts";
import { LAYOUT_RULES } from "./storage-rules-layout.ts";
import { MAKE_RULES } from "./storage-rules-make.ts";
import { REFUSAL_RULES } from "./storage-rules-refusals.ts";
import { TARGET_RULES } from "./storage-rules-target.ts";

/** A deliberate difference from the original, described in docs/differences.md under its id. */
export interface StorageRule {
  readonly id: string;
  /** Changes the expectation to what a correct program does; false when the rule does not concern the case. */
  apply(expectation: Expectation, context: StorageCase): boolean;
}

/** In the order in which they are applied: what is refused, what is planned, what is made. */
const STORAGE_RULES: readonly StorageRule[] = [
  ...INPUT_RULES,
  ...EFI_RULES,
  ...REFUSAL_RULES,
  ...LAYOUT_RULES,
  ...MAKE_RULES,
  ...TARGET_RULES,
];

/** Changes the expectation and tells which rules did. */
export function applyRules(expectation: Expectation, context: StorageCase): readonly string[] {
  return STORAGE_RULES.filter((rule) => rule.apply(expectation, context)).map(({ id }) => id);
}
