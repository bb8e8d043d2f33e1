import { dhcpTarget } from "./dhcp.ts";
import { gobTarget } from "./gob.ts";
import { jsonTarget } from "./json.ts";
import { portOpeningTarget } from "./port-opening.ts";
import { srpcHeadTarget } from "./srpc-head.ts";
import type { FuzzTarget } from "./target.ts";
import { tftpTarget } from "./tftp.ts";

/** Every parser of outside bytes that is fuzzed at length; the unit tests give each a short run as well. */
export const FUZZ_TARGETS: readonly FuzzTarget[] = [
  dhcpTarget,
  gobTarget,
  jsonTarget,
  portOpeningTarget,
  srpcHeadTarget,
  tftpTarget,
];
