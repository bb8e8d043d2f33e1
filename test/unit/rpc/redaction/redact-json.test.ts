import { expect, test } from "vitest";
import { type JsonValue, redactJson } from "../../../../src/rpc/redaction/redact-json.ts";

test("values of secret names are taken out whatever they are, and told", () => {
  const found: string[] = [];
  const value = {
    Hostname: "node",
    Password: "hunter2",
    Nested: [{ apiToken: { value: "abc", parts: ["def", 42] } }],
    IsKey: true,
    Key: null,
    Url: "http://u:p@h/",
  };
  expect(redactJson(value, (secret) => found.push(secret))).toEqual({
    Hostname: "node",
    Password: "[secret]",
    Nested: [{ apiToken: "[secret]" }],
    IsKey: true,
    Key: null,
    Url: "http://[secret]h/",
  });
  expect(found).toEqual(["hunter2", "abc", "def", "42"]);
});

test("a value nested without end is left out below some depth", () => {
  let value: JsonValue = "hunter2";
  for (let depth = 0; depth < 1_000; depth++) value = [value];
  expect(JSON.stringify(redactJson(value, () => undefined))).not.toContain("hunter2");
});
