import { InstallerError } from "../core/errors.ts";

/** What depmod says about the modules of one kernel; file names are relative to /lib/modules/RELEASE. */
export interface ModuleCatalogue {
  /** File of each module by its name with `_` for `-`. */
  readonly files: ReadonlyMap<string, string>;
  /** The files that each file needs, the last one first to be loaded. */
  readonly dependencies: ReadonlyMap<string, readonly string[]>;
  /** Names (with `_` for `-`) that are part of the kernel itself. */
  readonly builtin: ReadonlySet<string>;
}

/** Reads the texts of modules.dep and modules.builtin (modules.dep(5)). */
export function parseModuleCatalogue(dependencyText: string, builtinText: string): ModuleCatalogue {
  const files = new Map<string, string>();
  const dependencies = new Map<string, readonly string[]>();
  for (const line of linesOf(dependencyText)) {
    const colon = line.indexOf(":");
    const file = line.slice(0, colon);
    files.set(moduleName(file), file);
    dependencies.set(
      file,
      line
        .slice(colon + 1)
        .split(" ")
        .filter((word) => word !== ""),
    );
  }
  return { files, dependencies, builtin: new Set(linesOf(builtinText).map(moduleName)) };
}

/**
 * The files of the modules `names` and of all that they depend on, sorted. A name that is part of the kernel needs no
 * file; E_KERNEL_MODULE names those that this kernel does not have at all.
 */
export function planModuleFiles(catalogue: ModuleCatalogue, names: readonly string[]): readonly string[] {
  const chosen = new Set<string>();
  const unknown: string[] = [];
  for (const name of names) {
    const file = catalogue.files.get(moduleName(name));
    if (file !== undefined) {
      // modules.dep lists indirect dependencies too, so one look is enough.
      for (const needed of [file, ...(catalogue.dependencies.get(file) ?? [])]) chosen.add(needed);
    } else if (!catalogue.builtin.has(moduleName(name))) {
      unknown.push(name);
    }
  }
  if (unknown.length > 0) {
    throw new InstallerError("E_KERNEL_MODULE", `looking for kernel modules: ${unknown.join(", ")}`);
  }
  return [...chosen].toSorted();
}

/** modules.dep with only the lines of `chosen` files. */
export function renderDependencies(catalogue: ModuleCatalogue, chosen: readonly string[]): string {
  return chosen
    .map((file) => `${[`${file}:`, ...(catalogue.dependencies.get(file) ?? [])].join(" ")}\n`)
    .join("");
}

/** modules.alias with only the lines of `chosen` files: which hardware asks for which module. */
export function renderAliases(aliasText: string, chosen: readonly string[]): string {
  const names = new Set(chosen.map(moduleName));
  const kept = linesOf(aliasText).filter((line) =>
    names.has(moduleName(line.slice(line.lastIndexOf(" ") + 1))),
  );
  return kept.map((line) => `${line}\n`).join("");
}

function linesOf(text: string): readonly string[] {
  return text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
}

/** The name under which the kernel knows a module: file name without `.ko`, compression suffix and dashes. */
function moduleName(file: string): string {
  return file
    .slice(file.lastIndexOf("/") + 1)
    .replace(/\.ko(\.[a-z]+)?$/, "")
    .replaceAll("-", "_");
}
