// The import rules of ARCHITECTURE.md ("How the code is cut"), as a machine checks them.
// Each folder may import itself and the folders listed for it; everything else is an error.
const ALLOWED = {
  core: [],
  system: ["core"],
  engine: ["core", "system"],
  config: ["core", "system", "network", "storage"],
  storage: ["core", "system"],
  network: ["core", "system"],
  objectcache: ["core", "system"],
  images: ["core", "system", "objectcache"],
  rpc: ["core", "system", "engine", "images"],
  imageserver: ["images", "objectcache", "rpc", "core", "system"],
  media: ["core", "system"],
  steps: [
    "core",
    "system",
    "engine",
    "config",
    "storage",
    "network",
    "objectcache",
    "images",
    "rpc",
    "imageserver",
  ],
};

const folderRules = Object.entries(ALLOWED).map(([folder, allowed]) => ({
  name: `${folder}-imports`,
  severity: "error",
  from: { path: `^src/${folder}/` },
  to: { path: "^src/", pathNot: `^src/(${[folder, ...allowed].join("|")})/` },
}));

module.exports = {
  forbidden: [
    ...folderRules,
    {
      name: "no-cycles",
      severity: "error",
      from: { path: "^src" },
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    {
      name: "main-imports-cli-only",
      severity: "error",
      from: { path: "^src/main\\.ts$" },
      to: { path: "^src/", pathNot: "^src/cli/" },
    },
    {
      name: "steps-do-not-import-steps",
      comment: "Only install.ts knows the order; a step that needs another step's result takes it as input.",
      severity: "error",
      from: { path: "^src/steps/", pathNot: "^src/steps/install\\.ts$" },
      to: { path: "^src/steps/[^/]+\\.step\\.ts$", dependencyTypesNot: ["type-only"] },
    },
    {
      name: "one-door-to-the-machine",
      comment: "Only src/system/node starts processes, touches files or calls the native binding.",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/system/node/" },
      to: {
        path: "^(node:)?(fs|fs/promises|child_process|worker_threads)$|node_modules/(execa|koffi|@koromix)",
      },
    },
    {
      name: "adapters-are-wired-in-cli",
      comment: "src/cli chooses the real or the dry-run machine, once.",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/(cli|system)/" },
      to: { path: "^src/system/(node|dry-run)/" },
    },
    {
      name: "sockets-only-where-loopback-makes-them-testable",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/(rpc|imageserver|network|netboot|system/node)/" },
      to: {
        path: "^(node:)?(net|dgram|tls|http|https|http2|dns|dns/promises)$",
        dependencyTypesNot: ["type-only"],
      },
    },
    { name: "src-does-not-import-tests", severity: "error", from: { path: "^src/" }, to: { path: "^test/" } },
    { name: "no-unresolvable", severity: "error", from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "require", "node", "default", "types"],
    },
  },
};
