import { compareVersions } from "../../core/version-order.ts";
import type { CommandContext } from "../command.ts";
import { openImageServer } from "../open-image-server.ts";
import { writeOutput } from "../write-output.ts";

/** All image names of the server, one a line, runs of digits ordered as numbers. */
export async function run(context: CommandContext): Promise<number> {
  const { server, connector } = await openImageServer(context);
  await using client = await connector.connect(server, context);
  const names = await client.listImages(context.signal);
  await writeOutput(
    context.stdout,
    [...names]
      .sort(compareVersions)
      .map((name) => `${name}\n`)
      .join(""),
  );
  return 0;
}
