import { describe, expect, it } from "vitest";
import { logBefore, plainOpening, plainOutput, readOpening } from "../../conformance/srpc-shell-text.ts";

const OPENING = [
  "\nLogs so far:",
  "[  0.000] installer started",
  "[  0.581] SRPC/s(127.0.0.1:46604): accepted TCP/TLS connection",
  "[  0.582] shell on SRPC connection started for user: operator with tty: /dev/pts/0",
  "",
  "Starting shell on: /dev/pts/0...",
  "",
  "",
  "BusyBox v1.35.0 (Debian 1:1.35.0) built-in shell (ash)",
  "",
  "~ # \x1b[6n",
].join("\r\n");

describe("what a shell session begins with", () => {
  const opening = readOpening(OPENING);

  it("is the banner, the greeting of the shell and its prompt", () => {
    expect(opening.banner.endsWith("Starting shell on: /dev/pts/0...\r\n")).toBe(true);
    expect(opening.greeting).toContain("BusyBox");
    expect(opening.prompt).toBe("~ # \x1b[6n");
  });

  it("holds the log from before the connection", () => {
    expect(logBefore(opening)).toEqual(["[  0.000] installer started"]);
  });

  it("is the same at another time, on another terminal, by another version and in another place", () => {
    const other = OPENING.replaceAll("pts/0", "pts/17")
      .replace(/.*accepted TCP.*\r\n/, "")
      .replace("0.582", "9.999")
      .replace("v1.35.0 (Debian 1:1.35.0)", "v1.36.1 (Ubuntu)")
      .replace("~ # \x1b[6n", "/work # ");
    expect(plainOpening(readOpening(other))).toEqual(plainOpening(opening));
  });

  it.each([
    ["a log line is missing", "[  0.000] installer started\r\n", ""],
    ["a line ends with a bare line feed", "started\r\n", "started\n"],
    ["another user is named", "operator", "nobody"],
    ["the line that names the terminal differs", "Starting shell on:", "Starting shell at:"],
    ["the empty line behind the log is missing", "pts/0\r\n\r\nStarting", "pts/0\r\nStarting"],
    ["the prompt is another person's", "~ # ", "~ $ "],
  ])("is another when %s", (_what, from, to) => {
    const other = OPENING.replace(from, to);
    const read = (): unknown => plainOpening(readOpening(other));
    if (to === "Starting shell at:") expect(read).toThrow(/no shell is started/);
    else expect(read()).not.toEqual(plainOpening(opening));
  });
});

it("output is compared without the prompt's own place", () => {
  const ours = plainOutput("echo hi\r\nhi\r\n/work # ", "/work # ");
  expect(ours).toBe(plainOutput("echo hi\r\nhi\r\n~ # \x1b[6n", "~ # \x1b[6n"));
  expect(ours).not.toBe(plainOutput("echo hi\r\nho\r\n~ # \x1b[6n", "~ # \x1b[6n"));
});
