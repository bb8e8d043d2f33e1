import { isSea } from "node:sea";

/**
 * The same program with the same arguments, in this process, as the original does on SIGHUP. Returns only when the
 * system refuses.
 */
export function replaceProcess(): void {
  // A single executable is its own program; otherwise there are Node, its options and the script.
  const own = isSea() ? [] : [...process.execArgv, process.argv[1] ?? ""];
  process.execve?.(process.execPath, [process.execPath, ...own, ...process.argv.slice(2)], process.env);
}
