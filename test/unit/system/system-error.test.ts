import { describe, expect, it } from "vitest";
import { systemError } from "../../../src/system/system-error.ts";

describe("systemError", () => {
  it("looks as Node's own errors do", () => {
    const error = systemError("ENOENT", "open", "/none");
    expect(error).toMatchObject({ code: "ENOENT", errno: -2, syscall: "open", path: "/none" });
    expect(error.message).toBe("ENOENT: no such file or directory, open '/none'");
    expect(systemError("EIO", "sync").message).toBe("EIO: i/o error, sync");
    expect(Object.keys(systemError("EIO", "sync"))).toEqual(["code", "errno", "syscall"]);
  });
});
