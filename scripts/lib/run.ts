import { spawnSync } from "node:child_process";

export interface RunOptions {
  readonly cwd?: string;
  readonly input?: string | Uint8Array;
}

/** Runs a program to its end and returns its standard output; throws with its standard error when it fails. */
export function run(program: string, args: readonly string[], options: RunOptions = {}): string {
  const result = spawnSync(program, args, { ...options, encoding: "utf8", maxBuffer: 256 << 20 });
  if (result.error !== undefined) throw new Error(`starting ${program}`, { cause: result.error });
  if (result.status !== 0) {
    const ending = result.signal ?? `exit code ${result.status}`;
    throw new Error(`${[program, ...args].join(" ")}: ${ending}\n${result.stderr}`);
  }
  return result.stdout;
}
