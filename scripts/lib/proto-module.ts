import path from "node:path";
import { promisify } from "node:util";
import pbjs from "protobufjs-cli/pbjs.js";
import { ROOT } from "./paths.ts";
import { declarationsOf, type ProtoFile, packageOf, parseProto } from "./proto-files.ts";

/** The module that all generated modules share. */
export const RUNTIME_MODULE = `// Made by \`npm run proto\`; do not edit.
// 64-bit integers as numbers: ours are sizes, counts and milliseconds, which stay below 2^53.
import $protobuf from "protobufjs/minimal.js";

$protobuf.util.Long = null;
$protobuf.configure();

export default $protobuf;
`;

/**
 * The code that encodes and decodes the messages of a file: an ES module which makes no code from strings, as
 * \`protobufjs/minimal\` alone is needed for it.
 */
export async function renderModule(file: ProtoFile): Promise<string> {
  const generate = promisify(pbjs.main) as (args: readonly string[]) => Promise<string>;
  const text = await generate([
    "--target",
    "static-module",
    "--wrap",
    "esm",
    "--dependency",
    "./protobuf-runtime.js",
    "--root",
    file.source,
    "--force-number",
    "--null-semantics",
    "--lint",
    "",
    "--no-create",
    "--no-verify",
    "--no-convert",
    "--no-delimited",
    "--no-typeurl",
    "--no-service",
    "--no-comments",
    path.join(ROOT, file.source),
  ]);
  return `// Made from ${file.source} by \`npm run proto\`; do not edit.\n${text}\n${renderExports(file)}`;
}

/** Each type under the name that it has in TypeScript. */
function renderExports(file: ProtoFile): string {
  const scope = packageOf(parseProto(file));
  return declarationsOf(scope)
    .map(({ name, type }) => `export const ${name} = $root${type.fullName};\n`)
    .join("");
}
