import { messageChain } from "../../core/errors.ts";
import type { Notice } from "../../engine/facts.ts";
import { type Credentials, canJudge } from "../../rpc/tls/credentials.ts";

/** Whether everybody may do everything: asked for, and there is nothing to judge clients by, as with the original. */
export function isOpenToEverybody(credentials: Credentials, insecure: boolean): boolean {
  return insecure && !canJudge(credentials.server);
}

const CLOSED = "remote shell and control are closed: clients cannot be judged without certificates";

/** What an operator has to know about who can get in; undefined when all is well. */
export function credentialNotice(credentials: Credentials, insecure: boolean): Notice | undefined {
  const { server } = credentials;
  if (canJudge(server)) {
    const { methodRoots, identityRoots } = server.anchors;
    if (methodRoots.length + identityRoots.length > 0) return undefined;
    return { id: "no-credentials", severity: "warning", text: `${CLOSED} (there is no authority)` };
  }
  if (insecure) {
    return {
      id: "insecure",
      severity: "warning",
      text: "INSECURE: there are no certificates and the flag -insecure is set, so everybody who reaches this port can open a root shell",
    };
  }
  return { id: "no-credentials", severity: "warning", text: `${CLOSED} (${formatProblems(credentials)})` };
}

function formatProblems({ problems }: Credentials): string {
  return problems.map((problem) => messageChain(problem)).join("; ");
}
