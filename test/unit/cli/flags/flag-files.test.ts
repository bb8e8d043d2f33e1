import { describe, expect, it } from "vitest";

import { createFlagCommand, flagValuesOf } from "../../../../src/cli/flags/flag-command.ts";
import { applyFlagFiles, parseFlagFile } from "../../../../src/cli/flags/flag-files.ts";
import type { FlagTable } from "../../../../src/cli/flags/flag-table.ts";
import { messageChain } from "../../../../src/core/errors.ts";
import { type ErrnoName, systemError } from "../../../../src/system/system-error.ts";

const TABLE = {
  dir: { type: "string", default: "/d", description: "" },
  dry: { type: "bool", default: false, description: "" },
  port: { type: "port", default: 80, description: "" },
  version: { type: "bool", default: false, description: "" },
} as const satisfies FlagTable;

interface FilesHere {
  readonly default?: string;
  readonly extra?: string;
  readonly fails?: ErrnoName;
}

async function read(files: FilesHere) {
  const command = createFlagCommand(TABLE);
  const stop = await applyFlagFiles(command, {
    readText: async (path) => {
      const text = String(path).endsWith(".default") ? files.default : files.extra;
      if (text === undefined) throw systemError(files.fails ?? "ENOENT", "open", path);
      return text;
    },
  });
  return { stop, flags: flagValuesOf(command, TABLE) };
}

async function mistake(files: FilesHere): Promise<string> {
  const error: unknown = await read(files).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: "E_FLAG_FILE" });
  return messageChain(error);
}

describe("applyFlagFiles", () => {
  it("ignores files that do not exist", async () => {
    expect((await read({})).flags).toEqual({ dir: "/d", dry: false, port: 80, version: false });
  });

  it.each([
    ["dir = /x\n# c\n; c2\n\ndry=true\n", { dir: "/x", dry: true }],
    ["  dir=/x\r\nport=7\r\n", { dir: "/x", port: 7 }],
    ["dir=", { dir: "" }],
    ["dir=http://x/?a=b", { dir: "http://x/?a=b" }],
    ['dir="/q"', { dir: '"/q"' }],
    ["dir=/a\ndir=/b", { dir: "/b" }],
    ["dir=a # b", { dir: "a # b" }],
  ])("reads %j", async (text, expected) => {
    expect((await read({ default: text })).flags).toMatchObject(expected);
  });

  it("lets flags.extra win over flags.default", async () => {
    const { flags } = await read({ default: "dir=/a\nport=1\n", extra: "dir=/b\n" });
    expect(flags).toMatchObject({ dir: "/b", port: 1 });
  });

  it("stops when a line asks for the version", async () => {
    expect((await read({ default: "version=\nbogus=1\n" })).stop).toBe("version");
  });

  it.each([
    ["bogus=1", "/etc/installer/flags.default:1: no such flag -bogus"],
    ["h=1", "/etc/installer/flags.default:1: no such flag -h"],
    ["-dir=/x", "/etc/installer/flags.default:1: no such flag --dir"],
    ["=x", "/etc/installer/flags.default:1: no such flag -"],
    ["#\ndry", "/etc/installer/flags.default:2: bad line, cannot split name from value: dry"],
    ["d ry=true", "/etc/installer/flags.default:1: bad line, name has whitespace: d ry=true"],
    ["port=abc", '/etc/installer/flags.default:1: invalid value "abc" for flag -port: parse error'],
    ["dry=", '/etc/installer/flags.default:1: invalid boolean value "" for -dry: parse error'],
  ])("refuses %j", async (text, message) => {
    expect(await mistake({ default: text })).toBe(message);
  });

  it("names flags.extra when the fault is there", async () => {
    expect(await mistake({ default: "dry=1", extra: "\nbogus=1" })).toBe(
      "/etc/installer/flags.extra:2: no such flag -bogus",
    );
  });

  it("refuses a directory in the words of the original", async () => {
    expect(await mistake({ fails: "EISDIR" })).toBe("read /etc/installer/flags.default: is a directory");
  });

  it("refuses a file that cannot be read", async () => {
    expect(await mistake({ fails: "EACCES" })).toMatch(/^read \/etc\/installer\/flags\.default: EACCES/);
  });
});

it("parseFlagFile gives what stands before a bad line", () => {
  const settings = parseFlagFile("a=1\nbad", "/f");
  expect(settings.next().value).toEqual({ name: "a", text: "1", origin: "/f:1" });
  expect(() => settings.next()).toThrow("/f:2: bad line, cannot split name from value: bad");
});
