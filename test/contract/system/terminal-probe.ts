/** Runs where devpts is not mounted; prints how opening a terminal ends. */
import { messageChain } from "../../../src/core/errors.ts";
import { createNodeHost } from "../../../src/system/node/node-host.ts";

await using host = createNodeHost();
const attempt = host.terminals.open({ program: "sh", args: [], environment: {} });
process.stdout.write(
  await attempt.then(
    ({ device }) => device,
    (error: unknown) => messageChain(error),
  ),
);
