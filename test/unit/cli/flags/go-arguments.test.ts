import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createFlagCommand, flagValuesOf } from "../../../../src/cli/flags/flag-command.ts";
import type { FlagTable } from "../../../../src/cli/flags/flag-table.ts";
import { applyGoArguments } from "../../../../src/cli/flags/go-arguments.ts";
import { messageChain } from "../../../../src/core/errors.ts";

const TABLE = {
  dir: { type: "string", default: "/d", description: "" },
  dry: { type: "bool", default: false, description: "" },
  level: { type: "int", default: -1, description: "" },
  port: { type: "port", default: 80, description: "" },
  wait: { type: "duration", default: 0n, description: "" },
  size: { type: "size", default: 0, description: "" },
  shell: { type: "list", default: ["sh"], description: "" },
  users: { type: "set", default: new Set<string>(), description: "" },
  version: { type: "bool", default: false, description: "" },
} as const satisfies FlagTable;

function parse(argv: readonly string[], options: { readonly flagsAnywhere?: boolean } = {}) {
  const command = createFlagCommand(TABLE);
  const rest = applyGoArguments(command, argv, options);
  return { ...rest, flags: flagValuesOf(command, TABLE) };
}

function mistake(argv: readonly string[]): string {
  try {
    parse(argv);
  } catch (error) {
    expect(error).toMatchObject({ code: "E_USAGE" });
    return messageChain(error);
  }
  throw new Error("no mistake was found");
}

describe("applyGoArguments", () => {
  it("leaves the defaults without arguments", () => {
    expect(parse([])).toEqual({
      operands: [],
      flags: {
        dir: "/d",
        dry: false,
        level: -1,
        port: 80,
        wait: 0n,
        size: 0,
        shell: ["sh"],
        users: new Set(),
        version: false,
      },
    });
  });

  it.each([
    [["-dir=/x"], { dir: "/x" }],
    [["--dir=/x"], { dir: "/x" }],
    [["-dir", "/x"], { dir: "/x" }],
    [["--dir", "/x"], { dir: "/x" }],
    [["-dir="], { dir: "" }],
    [["-dir", ""], { dir: "" }],
    [["-dir", "-dry"], { dir: "-dry", dry: false }],
    [["-dir", "--"], { dir: "--" }],
    [["-dir=a=b"], { dir: "a=b" }],
    [["-dir=a\nb"], { dir: "a\nb" }],
    [["-dir=/a", "-dir=/b"], { dir: "/b" }],
    [["-dry"], { dry: true }],
    [["-dry=T"], { dry: true }],
    [["-dry=0"], { dry: false }],
    [["-dry", "-dir=/x"], { dry: true, dir: "/x" }],
    [["-level", "-1"], { level: -1 }],
    [["-level=0x10"], { level: 16 }],
    [["-level=9223372036854775807"], { level: Number.MAX_SAFE_INTEGER }],
    [["-port=65535"], { port: 65_535 }],
    [["-wait=1h30m"], { wait: 5_400_000_000_000n }],
    [["-size=5MB"], { size: 5_000_000 }],
    [["-shell=/bin/sh,-c,ls -l"], { shell: ["/bin/sh", "-c", "ls -l"] }],
    [["-shell=,a,,b,"], { shell: ["", "a", "", "b", ""] }],
    [["-shell="], { shell: [] }],
    [["-shell=a", "-shell=b"], { shell: ["b"] }],
    [["-users=a,b,a"], { users: new Set(["a", "b"]) }],
    [["-users="], { users: new Set() }],
  ])("sets the flags of %j", (argv, expected) => {
    const { flags, operands } = parse(argv);
    expect(flags).toMatchObject(expected);
    expect(operands).toEqual([]);
  });

  it.each([
    [
      ["list-images", "-h"],
      ["list-images", "-h"],
    ],
    [
      ["-dry", "false", "-dir=/x"],
      ["false", "-dir=/x"],
    ],
    [["-"], ["-"]],
    [[""], [""]],
    [["-dry", "--", "-dir=/x"], ["-dir=/x"]],
    [["--"], []],
    [["--", "--"], ["--"]],
  ])("stops at the first operand of %j", (argv, operands) => {
    expect(parse(argv).operands).toEqual(operands);
    expect(parse(argv).flags.dir).toBe("/d");
  });

  it("takes flags after operands where asked to, up to --", () => {
    const { flags, operands } = parse(["add", "-dry", "name", "-dir", "/x", "--", "-port=1"], {
      flagsAnywhere: true,
    });
    expect(operands).toEqual(["add", "name", "-port=1"]);
    expect(flags).toMatchObject({ dry: true, dir: "/x", port: 80 });
  });

  it.each([["-h"], ["-help"], ["--h"], ["--help"], ["-help=false"]])("stops at %s", (word) => {
    expect(parse(["-dry", word, "-bogus"]).stop).toBe("help");
  });

  it.each([["-version"], ["--version"], ["-version=false"], ["-version=junk"]])("stops at %s", (word) => {
    expect(parse([word, "-bogus"]).stop).toBe("version");
  });

  it.each([
    [["---dir=/x"], "bad flag syntax: ---dir=/x"],
    [["-=v"], "bad flag syntax: -=v"],
    [["--=v"], "bad flag syntax: --=v"],
    [["-bogus"], "flag provided but not defined: -bogus"],
    [["-bogus=1"], "flag provided but not defined: -bogus"],
    [["-__proto__=1"], "flag provided but not defined: -__proto__"],
    [["-no-dry"], "flag provided but not defined: -no-dry"],
    [["-dir"], "flag needs an argument: -dir"],
    [["-dry=maybe"], 'invalid boolean value "maybe" for -dry: parse error'],
    [["-dry="], 'invalid boolean value "" for -dry: parse error'],
    [["-level=abc"], 'invalid value "abc" for flag -level: parse error'],
    [
      ["-level=9223372036854775808"],
      'invalid value "9223372036854775808" for flag -level: value out of range',
    ],
    [["-port=-1"], 'invalid value "-1" for flag -port: parse error'],
    [["-port=+1"], 'invalid value "+1" for flag -port: parse error'],
    [["-port=65536"], 'invalid value "65536" for flag -port: value out of range'],
    [["-wait=5"], 'invalid value "5" for flag -wait: parse error'],
    [["-wait=9999999h"], 'invalid value "9999999h" for flag -wait: parse error'],
    [["-size=1.5M"], 'invalid value "1.5M" for flag -size: strconv.ParseUint: parsing "1.5": invalid syntax'],
    [["-size=a\n"], 'invalid value "a\\n" for flag -size: strconv.ParseUint: parsing "a\\n": invalid syntax'],
    [["-port=x", "-bogus"], 'invalid value "x" for flag -port: parse error'],
    [["-bogus", "-port=x"], "flag provided but not defined: -bogus"],
  ])("refuses %j", (argv, message) => {
    expect(mistake(argv)).toBe(message);
  });

  it("throws nothing but E_USAGE, whatever the words", () => {
    const words = fc.oneof(
      fc.constantFrom(
        "-",
        "--",
        "-dir",
        "-dry",
        "-level",
        "=",
        "-port=",
        "-wait=1h",
        "-size=9E",
        "-h",
        "--shell",
      ),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(words), fc.boolean(), (argv, flagsAnywhere) => {
        try {
          for (const operand of parse(argv, { flagsAnywhere }).operands) expect(argv).toContain(operand);
        } catch (error) {
          expect(error).toMatchObject({ code: "E_USAGE" });
        }
      }),
    );
  });
});
