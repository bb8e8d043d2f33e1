import { join } from "node:path";
import { expect, test } from "vitest";
import { fetchTftpConfiguration } from "../../../src/config/tftp-source.ts";
import { type ErrorCode } from "../../../src/core/error-codes.ts";
import { InstallerError } from "../../../src/core/errors.ts";
import { silentLogger } from "../../../src/core/logger.ts";
import { checkTftp } from "../../conformance/misc-tftp.ts";
import { Report } from "../../conformance/report.ts";

const never = new AbortController().signal;

/** A server that has every file except those with an error code. */
function serve(failures: Readonly<Record<string, ErrorCode>>): (name: string) => Promise<Buffer> {
  return async (name) => {
    const code = failures[name];
    if (code !== undefined) throw new InstallerError(code, `receiving ${name}`);
    return Buffer.from(`content of ${name}`);
  };
}

test("the recorded conversations end as with the original, apart from the documented differences", async () => {
  const failures: string[] = [];
  const report = new Report((line) => failures.push(line));
  await checkTftp(join(import.meta.dirname, "../../vectors"), report);
  expect(failures).toEqual([]);
  expect(report.passed).toBe(13);
});

test("the seed is kept apart from the files", async () => {
  const { files, randomSeed } = await fetchTftpConfiguration(serve({}), silentLogger, never);
  expect([...files.keys()].sort()).toEqual([
    "config.json",
    "imagename",
    "imageserver",
    "storage-layout.json",
    "tools-imagename",
  ]);
  expect(randomSeed?.toString()).toBe("content of random-seed");
});

test.each(["tools-imagename", "random-seed"])("%s may be absent", async (name) => {
  const { files, randomSeed } = await fetchTftpConfiguration(
    serve({ [name]: "E_TFTP_NOT_FOUND" }),
    silentLogger,
    never,
  );
  expect(files.size).toBe(name === "random-seed" ? 5 : 4);
  expect(randomSeed === undefined).toBe(name === "random-seed");
});

test.each([
  ["config.json", "E_TFTP_NOT_FOUND"],
  ["imagename", "E_TFTP_NOT_FOUND"],
  ["imageserver", "E_TFTP_NOT_FOUND"],
  ["storage-layout.json", "E_TFTP_NOT_FOUND"],
  ["tools-imagename", "E_TFTP_ACCESS"],
  ["random-seed", "E_TFTP_TIMEOUT"],
] as const)("%s with %s ends everything", async (name, code) => {
  await expect(fetchTftpConfiguration(serve({ [name]: code }), silentLogger, never)).rejects.toMatchObject({
    code: "E_CONFIG_FETCH",
    message: `error receiving: ${name}`,
    cause: { code },
  });
});

test("a failure stops the other transfers", async () => {
  const stopped: string[] = [];
  const fetchFile = (name: string, signal: AbortSignal): Promise<Buffer> =>
    new Promise((_resolve, reject) => {
      if (name === "imagename") reject(new InstallerError("E_TFTP_ACCESS", "no"));
      signal.addEventListener("abort", () => {
        stopped.push(name);
        reject(new Error("stopped"));
      });
    });
  await expect(fetchTftpConfiguration(fetchFile, silentLogger, never)).rejects.toMatchObject({
    message: "error receiving: imagename",
  });
  expect(stopped.sort()).toEqual(
    ["config.json", "imageserver", "random-seed", "storage-layout.json", "tools-imagename"]
      .concat("imagename")
      .sort(),
  );
});
