import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, expect, it } from "vitest";
import { parsePushTargets } from "../../../src/cli/daemon/push.ts";
import { Scratch } from "../../support/scratch.ts";
import { openTestAccess } from "./remote-access.ts";

const scratch = new Scratch();
afterAll(() => scratch[Symbol.dispose]());

it("pushes what happened before and after the start to both receivers, and lets the last of it arrive", async () => {
  const posted: string[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      posted.push(body);
      response.end();
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const socket = createSocket("udp4").bind(0, "127.0.0.1");
  await once(socket, "listening");
  const datagrams: string[] = [];
  socket.on("message", (message) => datagrams.push(message.toString("utf8")));
  await using opened = await openTestAccess(
    scratch.at("push"),
    {},
    {
      eventUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/events`,
      syslog: `udp://127.0.0.1:${socket.address().port}`,
    },
  );
  opened.observation.log.info("the last words");
  await opened.access.drain();
  server.close();
  await expect.poll(() => datagrams.join("\n"), { timeout: 5_000 }).toContain("the last words");
  socket.close();
  const batches = posted.map((body) => JSON.parse(body) as { hostname: string; events: readonly object[] });
  expect(batches[0]?.hostname).toBe("newborn");
  const events = batches.flatMap((batch) => batch.events);
  expect(events).toContainEqual(expect.objectContaining({ kind: "log", message: "the last words" }));
  expect(JSON.stringify(events)).toContain("status page on port");
  expect(datagrams.join("\n")).toContain("status page on port");
}, 20_000);

it.each([[{ eventUrl: "ftp://example.com", syslog: "" }], [{ eventUrl: "", syslog: "example.com" }]])(
  "refuses %j before anything is done",
  (flags) => {
    expect(() => parsePushTargets(flags)).toThrow(expect.objectContaining({ code: "E_USAGE" }));
  },
);
