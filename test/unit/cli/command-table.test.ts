import { describe, expect, it } from "vitest";

import { COMMANDS, DAEMON } from "../../../src/cli/command-table.ts";

const ORIGINAL = [
  "decode-base64",
  "dhcp-request",
  "generate-random",
  "kexec-image image-name",
  "list-drives [flags...]",
  "list-images",
  "load-configuration-from-tftp",
  "load-image image-name root-dir",
];

describe("the command table", () => {
  it("has every command of the original, with its arguments and exit codes", () => {
    const originals = COMMANDS.filter((command) => command.exitCodes === "original");
    expect(originals.map((command) => command.synopsis)).toEqual(ORIGINAL);
    expect(DAEMON.exitCodes).toBe("original");
  });

  it.each(COMMANDS.filter((command) => command.exitCodes === "by-kind"))(
    "$name explains itself",
    ({ help, name }) => {
      expect(help).toMatch(new RegExp(`^Usage: installer \\[flags\\.\\.\\.\\] ${name} \\[flags\\.\\.\\.\\]`));
      // An example that can be typed, and the flags.
      expect(help).toMatch(new RegExp(`^ {2}installer .*${name}`, "m"));
      expect(help).toMatch(/\nFlags:\n {2}-/);
      for (const line of (help ?? "").split("\nFlags:\n")[0]?.split("\n") ?? [])
        expect(line.length).toBeLessThan(120);
    },
  );

  it("obeys -dryRun where the original does", () => {
    const obedient = COMMANDS.filter((command) => command.obeysDryRun).map((command) => command.name);
    expect(obedient).toEqual(["kexec-image", "load-configuration-from-tftp"]);
    expect(DAEMON.obeysDryRun).toBe(true);
  });

  it("lets what only looks never change the machine, whatever -dryRun says", () => {
    const readers = COMMANDS.filter((command) => command.readsOnly).map((command) => command.name);
    expect(readers).toEqual(["plan", "validate-config"]);
  });
});
