import { describe, expect, it } from "vitest";
import { compareContent, compareItem } from "../../conformance/srpc-compare.ts";
import { findDifference, findShapeDifference } from "../../conformance/srpc-difference.ts";
import { parseHttpAnswer } from "../../conformance/srpc-http.ts";
import type { Content } from "../../conformance/srpc-parts.ts";
import { compareHttpAnswers } from "../../conformance/srpc-rules.ts";
import type { Item, Role } from "../../conformance/srpc-script.ts";
import type { GobValue, Shape } from "../../conformance/srpc-value.ts";

const line = (text: string): Content => ({ kind: "line", text });
const value = (content: GobValue, shape: Shape = "string", concrete = {}): Content => {
  return { kind: "value", value: content, shape, concrete };
};
const names = (...list: string[]): Content => ({ kind: "names", names: list });

function item(content: Content, role: Role, method = "A.B"): Item {
  return { side: "s", role, method, call: 1, content, bytes: Buffer.alloc(0), end: 0 };
}

describe("contents", () => {
  it.each([
    ["lists of names, in any order", names("a", "b"), names("b", "a")],
    [
      "an image made at another time",
      value({ Image: { CreatedOn: "1.0" } }),
      value({ Image: { CreatedOn: "2.5" } }),
    ],
    [
      "directories in any order",
      { kind: "directories", values: [{ Name: "a" }, { Name: "b" }], shape: "string" },
      { kind: "directories", values: [{ Name: "b" }, { Name: "a" }], shape: "string" },
    ],
    [
      "a type without some of the fields",
      value({}, { fields: { A: "int", B: "uint" } }),
      value({}, { fields: { B: "uint" } }),
    ],
  ] as [string, Content, Content][])("are the same: %s", (_what, recorded, ours) => {
    expect(compareContent(recorded, ours)).toBeUndefined();
  });

  it.each([
    ["a name that is missing", names("a", "b"), names("a"), /recorded "b"/],
    ["a name that comes twice", names("a"), names("a", "a"), /recorded nothing/],
    ["an image without its time", value({ Image: { CreatedOn: "1.0" } }), value({ Image: {} }), /CreatedOn/],
    ["another text", line("a"), line("b"), /"b", recorded "a"/],
    ["other bytes", { kind: "raw", bytes: Buffer.from("a") }, { kind: "raw", bytes: Buffer.from("b") }, /62/],
    [
      "updates in another order",
      { kind: "updates", values: [{ Name: "a" }, { Name: "b" }], shape: "string" },
      { kind: "updates", values: [{ Name: "b" }, { Name: "a" }], shape: "string" },
      /0\.Name/,
    ],
    [
      "a field of another kind",
      value({}, { fields: { A: "int" } }),
      value({}, { fields: { A: "uint" } }),
      /A: "uint"/,
    ],
    [
      "a field nobody knows",
      value({}, { fields: { A: "int" } }),
      value({}, { fields: { Z: "int" } }),
      /Z is unknown/,
    ],
    [
      "another type inside an interface",
      value({}, "interface", { Inode: { fields: { A: "int" } } }),
      value({}, "interface", { Inode: { fields: { A: "string" } } }),
      /Inode/,
    ],
  ] as [string, Content, Content, RegExp][])("are told apart: %s", (_what, recorded, ours, why) => {
    expect(compareContent(recorded, ours)).toMatch(why);
  });
});

it("a difference is found where it is", () => {
  expect(findDifference({ a: [1, { b: 2 }] }, { a: [1, { b: 3 }] })).toBe("a.1.b: 2, recorded 3");
  expect(findDifference({ a: [] }, { a: {} })).toBe("a: [], recorded {}");
  expect(findDifference([1], [1, 2])).toBe("1: nothing, recorded 2");
  expect(findDifference({ a: 1 }, { a: 1 })).toBeUndefined();
});

it("types are compared to their last part", () => {
  const recorded: Shape = {
    key: "string",
    element: { list: { fields: { A: { list: "uint", length: 64 } } } },
  };
  const ours: Shape = { key: "string", element: { list: { fields: { A: { list: "uint", length: 32 } } } } };
  expect(findShapeDifference(recorded, recorded)).toBeUndefined();
  expect(findShapeDifference(ours, recorded)).toMatch(/A\.length: 32, recorded 64/);
  expect(findShapeDifference("uint", recorded)).toMatch(/recorded/);
});

describe("rules of calls", () => {
  const upgrade = (text: string): Item => item(line(text), "acknowledgement", ".LocalUpgradeToUnix");

  it("any refusal of the upgrade will do, and ends a conversation that went on", () => {
    expect(compareItem(upgrade(""), line("no"))).toEqual({ rule: "R-SRPC-UPGRADE", isLast: true });
    expect(compareItem(upgrade("denied"), line("no"))).toEqual({ rule: "R-SRPC-UPGRADE", isLast: false });
    expect(compareItem(upgrade("denied"), line(""))).toMatchObject({ why: /accepted/ });
  });

  it("another call must be refused in the same words", () => {
    expect(compareItem(item(line("denied"), "acknowledgement"), line("no"))).toMatchObject({
      why: /A\.B acknowledgement/,
    });
  });

  const decoderError = item(line("gob: type mismatch: want struct type X; got non-struct"), "status");

  it.each([
    ["decoding gob: want struct type X; got non-struct", undefined],
    ["something went wrong", /something/],
    ["", /""/],
  ])("of a decoder's error what matters must be said: %s", (text, why) => {
    const { rule, why: found } = compareItem(decoderError, line(text));
    expect(rule).toBe("R-SRPC-DECODER-TEXT");
    if (why === undefined) expect(found).toBeUndefined();
    else expect(found).toMatch(why);
  });

  const systemError = item(value({ Error: "remove /srv/images/a: directory not empty" }), "data");

  it.each([
    ["a: directory not empty", undefined],
    ["/var/lib/images/a: directory not empty", /var/],
    ["no", /"no"/],
  ])("of an error of the system the reason must be said and no path: %s", (text, why) => {
    const { rule, why: found } = compareItem(systemError, value({ Error: text }));
    expect(rule).toBe("R-SRPC-SERVER-PATHS");
    if (why === undefined) expect(found).toBeUndefined();
    else expect(found).toMatch(why);
  });
});

describe("answers to HTTP requests", () => {
  const answer = (status: string, headers: readonly string[], body = "", version = "HTTP/1.0") =>
    parseHttpAnswer(
      Buffer.from(`${version} ${status}\r\n${headers.map((each) => `${each}\r\n`).join("")}\r\n${body}`),
    );
  const DATE = "Date: Fri, 20 Nov 2026 22:38:36 GMT";
  const OTHER_DATE = "Date: Sat, 21 Nov 2026 01:02:03 GMT";
  const refusal = answer("405 Method Not Allowed", ["Content-Length: 0", DATE]);

  it("dates are compared by their form, refusals of CONNECT by everything else", () => {
    const ours = answer("405 Method Not Allowed", [OTHER_DATE, "Content-Length: 0"]);
    expect(compareHttpAnswers(ours, refusal, { isConnect: true })).toEqual({ rules: [] });
  });

  it.each([
    ["another status", answer("404 Not Found", ["Content-Length: 0", DATE]), /404/],
    ["no date", answer("405 Method Not Allowed", ["Content-Length: 0"]), /date/],
    ["a wrong date", answer("405 Method Not Allowed", ["Content-Length: 0", "Date: today"]), /date/],
    ["one header more", answer("405 Method Not Allowed", ["Content-Length: 0", DATE, "Server: x"]), /server/],
    ["a body", answer("405 Method Not Allowed", ["Content-Length: 0", DATE], "x"), /"x"/],
    [
      "another version",
      answer("405 Method Not Allowed", ["Content-Length: 0", DATE], "", "HTTP/1.1"),
      /1\.1/,
    ],
  ])("a refusal of CONNECT with %s is another", (_what, ours, why) => {
    expect(compareHttpAnswers(ours, refusal, { isConnect: true }).why).toMatch(why);
  });

  const list = answer(
    "200 OK",
    [DATE, "Content-Type: text/plain; charset=utf-8"],
    "A.B\nLogger.Print\nC.D\n",
  );

  it.each([
    ["without the methods that are not offered", "A.B\nC.D\n", undefined],
    ["without one that is", "A.B\n", /body/],
    ["with one that is unknown", "A.B\nC.D\nE.F\n", /body/],
  ])("a list of methods %s", (_what, body, why) => {
    const ours = answer("200 OK", [DATE, "Content-Type: text/plain; charset=utf-8"], body);
    const verdict = compareHttpAnswers(ours, list, { isConnect: false });
    if (why === undefined) expect(verdict).toEqual({ rules: ["R-SRPC-METHODS"] });
    else expect(verdict.why).toMatch(why);
  });

  it("an object need not have the headers of a page, but must be no page", () => {
    const recorded = answer("200 OK", [DATE, "X-Frame-Options: DENY", "Content-Type: text/plain"], "same\n");
    const object = answer("200 OK", [DATE, "Content-Type: application/octet-stream"], "same\n", "HTTP/1.1");
    expect(compareHttpAnswers(object, recorded, { isConnect: false })).toEqual({
      rules: ["R-SRPC-HTTP-VERSION", "R-SRPC-OBJECT-HEADERS"],
    });
    const page = answer("200 OK", [DATE, "Content-Type: text/html"], "same\n");
    expect(compareHttpAnswers(page, recorded, { isConnect: false }).why).toMatch(/text\/html/);
    const other = answer("200 OK", [DATE, "Content-Type: application/octet-stream"], "some\n");
    expect(compareHttpAnswers(other, recorded, { isConnect: false }).why).toMatch(/some/);
  });

  it("something else than an answer is refused", () => {
    expect(() => parseHttpAnswer(Buffer.from("hello"))).toThrow(/no HTTP answer/);
  });
});
