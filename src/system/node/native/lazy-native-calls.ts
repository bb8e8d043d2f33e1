import { createKoffiCalls } from "./koffi-calls.ts";
import type { NativeCalls } from "./native-calls.ts";

/** Gives the native calls, loading their library when first asked, so that `--help` does not pay for it. */
export function createLazyNativeCalls(): () => NativeCalls {
  let calls: NativeCalls | undefined;
  return () => {
    calls ??= createKoffiCalls();
    return calls;
  };
}
