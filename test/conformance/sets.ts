import { bootSet } from "./boot.ts";
import { gobSet } from "./gob.ts";
import { imageSet } from "./image.ts";
import { miscSet } from "./misc.ts";
import { networkSet } from "./network.ts";
import type { ConformanceSet } from "./report.ts";
import { srpcSet } from "./srpc.ts";
import { storageSet } from "./storage.ts";

/** Every vector set that this program answers to, in the order in which they run. */
export const CONFORMANCE_SETS: readonly ConformanceSet[] = [
  gobSet,
  imageSet,
  miscSet,
  networkSet,
  srpcSet,
  storageSet,
  bootSet,
];
