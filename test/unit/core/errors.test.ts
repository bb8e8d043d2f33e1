import { describe, expect, it } from "vitest";
import { errnoOf, hasCode, hintOf, InstallerError, messageChain } from "../../../src/core/errors.ts";

const system = Object.assign(new Error("ENOENT: no such file, open 'x'"), { code: "ENOENT" });

describe("messageChain", () => {
  it("reads outermost first and does not repeat a cause that is quoted already", () => {
    const inner = new InstallerError("E_COMMAND_FAILED", "running mkfs", {
      cause: new Error("exit status 1"),
    });
    expect(messageChain(new Error("formatting", { cause: inner }))).toBe(
      "formatting: running mkfs: exit status 1",
    );
    expect(messageChain(new Error("a: b", { cause: new Error("b") }))).toBe("a: b");
  });

  it.each([
    ["text", "text"],
    [{ a: 1 }, "{ a: 1 }"],
    [null, "null"],
  ])("keeps the text of what is no Error: %s", (thrown, text) => {
    expect(messageChain(new Error("attempt", { cause: thrown }))).toBe(`attempt: ${text}`);
  });
});

describe("hintOf", () => {
  const inner = new InstallerError("E_COMMAND_NOT_FOUND", "looking for mkfs.ext4");

  it("takes the advice closest to the fault", () => {
    expect(hintOf(new InstallerError("E_TIMEOUT", "formatting", { cause: inner }))).toBe(inner.hint);
  });

  it("prefers advice that was given for the very case", () => {
    expect(hintOf(new InstallerError("E_TIMEOUT", "formatting", { cause: inner, hint: "do this" }))).toBe(
      "do this",
    );
  });

  it("prefers advice about the operation to a commonplace about programs", () => {
    const failed = new InstallerError("E_COMMAND_FAILED", "running mkfs.ext4: exit code 1");
    const outer = new InstallerError("E_MAKE_FILE_SYSTEM", "formatting /dev/sda2", { cause: failed });
    expect(hintOf(outer)).toBe(outer.hint);
    expect(hintOf(failed)).toBe(failed.hint);
  });

  it("has none for a foreign error", () => {
    expect(hintOf(new Error("x"))).toBeUndefined();
  });
});

it("errnoOf and hasCode look through the causes", () => {
  const wrapped = new InstallerError("E_MOUNT", "mounting", { cause: system });
  expect(errnoOf(wrapped)).toBe("ENOENT");
  expect(hasCode(new Error("x", { cause: wrapped }), "E_MOUNT")).toBe(true);
  expect(hasCode(wrapped, "E_UNMOUNT")).toBe(false);
});
