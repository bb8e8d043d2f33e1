import { CONFIG_ERRORS } from "./error-codes/config.ts";
import { GENERAL_ERRORS } from "./error-codes/general.ts";
import { IMAGE_ERRORS } from "./error-codes/image.ts";
import { MEDIA_ERRORS } from "./error-codes/media.ts";
import { NETWORK_ERRORS } from "./error-codes/network.ts";
import { RPC_ERRORS } from "./error-codes/rpc.ts";
import { STORAGE_ERRORS } from "./error-codes/storage.ts";

export type { ErrorKind } from "./error-codes/entry.ts";

/** Every code that this program throws. docs/errors.md is generated from this table; a test compares the two. */
export const ERROR_CODES = {
  ...GENERAL_ERRORS,
  ...RPC_ERRORS,
  ...NETWORK_ERRORS,
  ...CONFIG_ERRORS,
  ...IMAGE_ERRORS,
  ...STORAGE_ERRORS,
  ...MEDIA_ERRORS,
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;
