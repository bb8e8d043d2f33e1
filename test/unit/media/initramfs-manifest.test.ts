import { readFileSync } from "node:fs";
import path from "node:path";

import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { InstallerError } from "../../../src/core/errors.ts";
import { parseInitramfsManifest } from "../../../src/media/initramfs-manifest.ts";

const ROOT = path.resolve(import.meta.dirname, "../../..");

describe("parseInitramfsManifest", () => {
  it("fills in what a group leaves out", () => {
    const { groups } = parseInitramfsManifest(
      `groups: [{ name: n, why: w, directories: [{ path: /a/b, mode: "01777" }] }]`,
      "manifest.yaml",
    );
    expect(groups).toEqual([
      {
        name: "n",
        why: "w",
        directories: [{ path: "/a/b", mode: 0o1777 }],
        files: [],
        programs: [],
        devices: [],
        applets: [],
        load: [],
        modules: [],
      },
    ]);
  });

  it.each<[string, string, string]>([
    ["text that is not YAML", "groups: [", "reading manifest.yaml"],
    ["nothing", "", "expected object"],
    ["no groups", "groups: []", "groups"],
    ["a group without a reason", "groups: [{ name: n }]", "groups[0].why"],
    ["an unknown key", "groups: [{ name: n, why: w, module: [ext4] }]", "module"],
    [
      "a relative path",
      `groups: [{ name: n, why: w, directories: [{ path: a, mode: "0755" }] }]`,
      "absolute path",
    ],
    [
      "a mode that YAML has turned decimal",
      "groups: [{ name: n, why: w, directories: [{ path: /a, mode: 0755 }] }]",
      "mode",
    ],
    ["a module given as a file", "groups: [{ name: n, why: w, modules: [ext4.ko] }]", "modules[0]"],
  ])("refuses %s", (_, text, reason) => {
    expect(() => parseInitramfsManifest(text, "manifest.yaml")).toThrow(
      expect.objectContaining({ code: "E_MANIFEST", message: expect.stringContaining(reason) }),
    );
  });

  it("throws nothing but its own error, whatever it reads", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        try {
          parseInitramfsManifest(text, "x");
        } catch (error) {
          expect(error).toBeInstanceOf(InstallerError);
        }
      }),
      { seed: 20261121, numRuns: 300 },
    );
  });
});

describe("initramfs/manifest.yaml", () => {
  const { groups } = parseInitramfsManifest(
    readFileSync(path.join(ROOT, "initramfs/manifest.yaml"), "utf8"),
    "initramfs/manifest.yaml",
  );

  it("lists nothing twice", () => {
    const all = groups.flatMap((group) => [
      ...[...group.directories, ...group.files, ...group.programs, ...group.devices].map(
        (entry) => entry.path,
      ),
      ...group.applets.map((name) => `applet ${name}`),
      ...[...group.load, ...group.modules].map((name) => `module ${name}`),
    ]);
    expect(all.filter((entry, index) => all.indexOf(entry) !== index)).toEqual([]);
  });

  it("brings every program that the scripts in initramfs/ run", () => {
    const applets = new Set(groups.flatMap((group) => group.applets));
    const builtin = new Set([
      "cd",
      "continue",
      "echo",
      "exec",
      "exit",
      "export",
      "local",
      "read",
      "return",
      "say",
      "set",
      "installer",
      "true",
      "[",
    ]);
    for (const script of ["init", "run-installer"]) {
      const text = readFileSync(path.join(ROOT, "initramfs", script), "utf8")
        .replace(/(^|\s)#.*$/gm, "")
        .replace(/\bcase .+? in [^)]*\)/g, "");
      const functions = new Set([...text.matchAll(/^(\w+)\(\)/gm)].map((match) => match[1]));
      const commands = [
        ...text.matchAll(/(?:^|[|;]|\$\(|then|else|do|\|\|)[ \t]*([a-z_]+)(?=[ \t]+[^=\s]|$)/gm),
      ].map((match) => match[1] ?? "");
      const unknown = commands.filter(
        (word) => !applets.has(word) && !builtin.has(word) && !functions.has(word) && !SHELL_WORDS.has(word),
      );
      expect(unknown).toEqual([]);
    }
  });
});

const SHELL_WORDS = new Set([
  "if",
  "then",
  "elif",
  "else",
  "fi",
  "for",
  "while",
  "do",
  "done",
  "case",
  "esac",
]);
