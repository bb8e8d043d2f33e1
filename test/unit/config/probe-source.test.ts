import { describe, expect, test } from "vitest";
import { probeHttpSource, probeTftpSource } from "../../../src/config/probe-source.ts";
import { HastyClock } from "../network/dhcp/dhcp-server.ts";

const never = new AbortController().signal;
type Get = Parameters<typeof probeHttpSource>[1];

const REQUEST = { baseUrl: "http://config.example/tftpdata/", macAddresses: ["02:00:00:00:00:01"] };

describe("a web server", () => {
  test("that has the machine's configuration", async () => {
    const urls: string[] = [];
    const get: Get = async (url) => {
      urls.push(url);
      return { status: 200, statusText: "OK", body: Buffer.from("{}") };
    };
    await probeHttpSource(REQUEST, get, new HastyClock(), never);
    expect(urls).toEqual(["http://config.example/tftpdata/config.json?mac=02:00:00:00:00:01"]);
  });

  test("that does not know the machine", async () => {
    const get: Get = async () => ({ status: 404, statusText: "Not Found", body: Buffer.alloc(0) });
    await expect(probeHttpSource(REQUEST, get, new HastyClock(), never)).rejects.toMatchObject({
      code: "E_CONFIG_FETCH",
      message: "error getting http://config.example/tftpdata/: 404 Not Found",
    });
  });

  test("that says nothing, to a client that cannot be stopped", async () => {
    const clock = new HastyClock();
    const get: Get = () => new Promise(() => undefined);
    await expect(probeHttpSource(REQUEST, get, clock, never)).rejects.toMatchObject({
      code: "E_CONFIG_FETCH",
      message: "no answer of the configuration server in 15 s",
    });
    expect(clock.monotonicMs()).toBe(15_000);
  });
});

test("a TFTP server that is not there", async () => {
  // Nobody listens on the TFTP port of this address of the loopback interface.
  await expect(probeTftpSource("127.93.7.11", new HastyClock(), never)).rejects.toMatchObject({
    code: "E_TFTP_TIMEOUT",
    message: "receiving config.json from 127.93.7.11 by TFTP",
  });
});

test("a probe that is stopped", async () => {
  const stop = new AbortController();
  const get: Get = async () => {
    stop.abort(new Error("stopped"));
    return new Promise(() => undefined);
  };
  await expect(probeHttpSource(REQUEST, get, new HastyClock(), stop.signal)).rejects.toThrow("stopped");
});
