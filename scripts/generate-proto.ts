import { writeFileSync } from "node:fs";
import path from "node:path";
import { ROOT } from "./lib/paths.ts";
import { renderGenerated } from "./lib/proto-generated.ts";

for (const [name, text] of await renderGenerated())
  writeFileSync(path.join(ROOT, "src/rpc/generated", name), text);
