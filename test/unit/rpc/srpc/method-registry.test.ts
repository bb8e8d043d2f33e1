import { describe, expect, it } from "vitest";
import { streamMethod } from "../../../../src/rpc/srpc/method.ts";
import { MethodRegistry } from "../../../../src/rpc/srpc/method-registry.ts";

const run = (): Promise<void> => Promise.resolve();
const shell = streamMethod({ name: "Installer.Shell", run });
const list = streamMethod({ name: "ImageServer.ListImages", isPublic: true, run });
const registry = new MethodRegistry([shell, list]);

describe("MethodRegistry", () => {
  it.each([
    ["Installer.Shell", shell],
    ["ImageServer.ListImages", list],
    ["NoSuch.Method", "unknown service: NoSuch"],
    ["ImageServer.NoSuch", "ImageServer: unknown method: NoSuch"],
    ["ImageServer.", "ImageServer: unknown method: "],
    ["noDot", "malformed Service.Method: noDot"],
    ["a.b.c", "malformed Service.Method: a.b.c"],
    [".", ": unknown method: "],
    [".LocalUpgradeToUnix", ": unknown method: LocalUpgradeToUnix"],
    ["__proto__.constructor", "unknown service: __proto__"],
  ])("answers %j", (line, answer) => {
    expect(registry.find(line)).toBe(answer);
  });

  it("lists its methods as the original does", () => {
    expect(new MethodRegistry([shell]).formatList()).toBe(".LocalUpgradeToUnix\nInstaller.Shell\n");
    expect(new MethodRegistry([shell]).formatPublicList()).toBe("");
    expect(registry.formatPublicList()).toBe("ImageServer.ListImages\n");
  });

  it("knows whether strangers can do anything", () => {
    expect(registry.hasUnauthenticated).toBe(false);
    const open = streamMethod({ name: "A.B", isUnauthenticated: true, run });
    expect(new MethodRegistry([open]).hasUnauthenticated).toBe(true);
  });

  it.each(["Shell", ".Shell", "A.", "A.B.C"])("refuses to offer %j", (name) => {
    expect(() => new MethodRegistry([streamMethod({ name, run })])).toThrow(RangeError);
  });

  it("refuses to offer a method twice", () => {
    expect(() => new MethodRegistry([shell, shell])).toThrow(RangeError);
  });
});
