import type { Caller } from "../caller.ts";
import { type Answer, textAnswer } from "./answer.ts";

/** What somebody is told who may not see a page: which door to use, and why the certificate that was shown does not count. */
export function refuse(caller: Caller): Answer {
  if (caller.identity.userName !== "" || caller.identity.permittedMethods.length > 0)
    return textAnswer(403, "access denied: your certificate does not allow this\n");
  if (caller.refusal !== undefined)
    return textAnswer(403, `access denied: your certificate does not count: ${caller.refusal}\n`);
  const how = caller.isSecure
    ? "show a client certificate"
    : "use https on the same port, and show a client certificate";
  // RFC 9110 section 11.6.1 demands the header; certificates have no registered scheme.
  const headers = { "WWW-Authenticate": 'Certificate realm="installer"' };
  return { ...textAnswer(401, `only for certified users: ${how}\n`), headers };
}
