import { Readable, Writable } from "node:stream";

import { type ProgramCommands, runProgram } from "../../src/cli/program.ts";
import type { Host } from "../../src/system/host.ts";
import { systemError } from "../../src/system/system-error.ts";

export interface InProcessRun extends ProgramCommands {
  readonly argv: readonly string[];
  readonly stdin?: Uint8Array;
  /** Content by absolute path, or `directory`. */
  readonly files?: ReadonlyMap<string, string | { readonly directory: true }>;
  /** Default 0. */
  readonly effectiveUserId?: number;
  readonly signal?: AbortSignal;
  /** The machine, as much of it as the command under test uses; none by default. */
  readonly openHost?: (isDryRun: boolean) => AsyncDisposable;
}

export interface InProcessResult {
  readonly exitCode: number;
  readonly stdout: Buffer;
  readonly stderr: string;
  /** Files written, by path. Below `/absent` there is no directory to write to. */
  readonly written: ReadonlyMap<string, string>;
}

/** Runs the whole command line on a process that exists only here: own streams and files, no machine. */
export async function runInProcess(request: InProcessRun): Promise<InProcessResult> {
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  const written = new Map<string, string>();
  const exitCode = await runProgram(
    {
      argv: request.argv,
      identity: { effectiveUserId: request.effectiveUserId ?? 0, processId: 1 },
      nodeVersion: "v26.0.0",
      stdin: Readable.from(request.stdin === undefined ? [] : [request.stdin]),
      stdout: collector(stdout),
      stderr: collector(stderr),
      signal: request.signal ?? new AbortController().signal,
      files: {
        readText: async (path) => readVirtual(String(path), request.files),
        writeFile: async (path, content) => writeVirtual(String(path), content, written),
      },
      openHost: async (isDryRun) => {
        if (request.openHost === undefined) throw new Error("this test has no machine");
        return request.openHost(isDryRun) as Host & AsyncDisposable;
      },
    },
    request,
  );
  return {
    exitCode,
    stdout: Buffer.concat(stdout),
    stderr: Buffer.concat(stderr).toString("utf8"),
    written,
  };
}

function collector(chunks: Buffer[]): Writable {
  return new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      chunks.push(chunk);
      done();
    },
  });
}

function readVirtual(path: string, files: InProcessRun["files"]): string {
  const content = files?.get(path);
  if (content === undefined) throw systemError("ENOENT", "open", path);
  if (typeof content !== "string") throw systemError("EISDIR", "read", path);
  return content;
}

function writeVirtual(path: string, content: string | Uint8Array, written: Map<string, string>): void {
  if (path.startsWith("/absent/")) throw systemError("ENOENT", "open", path);
  written.set(path, typeof content === "string" ? content : Buffer.from(content).toString("utf8"));
}
