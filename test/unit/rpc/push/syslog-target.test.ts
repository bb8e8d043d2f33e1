import { expect, test } from "vitest";
import { parseEventUrl } from "../../../../src/rpc/push/post.ts";
import { parseSyslogTarget } from "../../../../src/rpc/push/syslog-target.ts";

test.for([
  ["udp://log.example", { transport: "udp", host: "log.example", port: 514 }],
  ["udp://192.0.2.1:5514", { transport: "udp", host: "192.0.2.1", port: 5514 }],
  ["tcp://log.example", { transport: "tcp", host: "log.example", port: 601 }],
  ["tcp://[2001:db8::1]:1601/", { transport: "tcp", host: "2001:db8::1", port: 1601 }],
] as const)("%s", ([text, target]) => {
  expect(parseSyslogTarget(text)).toEqual(target);
});

test.for([
  "",
  "log.example",
  "http://log.example",
  "udp://",
  "udp://:514",
  "udp://log.example:0",
  "udp://log.example:65536",
  "udp://log.example:x",
  "udp://log example",
  "tcp://[log.example]",
  "tcp://user@log.example",
  "tcp://log.example/path",
])("refused as a mistake of usage: %s", (text) => {
  expect(() => parseSyslogTarget(text)).toThrow(expect.objectContaining({ code: "E_USAGE" }));
});

test("event URLs are http or https; the message does not quote passwords", () => {
  expect(parseEventUrl("https://host/path?x=1").href).toBe("https://host/path?x=1");
  for (const text of ["", "host", "ftp://u:hunter2@host", "file:///etc/passwd", "http://"]) {
    expect(() => parseEventUrl(text)).toThrow(expect.objectContaining({ code: "E_USAGE" }));
    expect(() => parseEventUrl(text)).not.toThrow(/hunter2/);
  }
});
