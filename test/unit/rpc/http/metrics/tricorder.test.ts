import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { Distribution } from "../../../../../src/rpc/http/metrics/distribution.ts";
import { answerMetrics } from "../../../../../src/rpc/http/metrics/metrics-pages.ts";
import type { MetricsSource } from "../../../../../src/rpc/http/metrics/metrics-source.ts";
import { SrpcStatistics } from "../../../../../src/rpc/http/metrics/srpc-statistics.ts";
import { FakeClock } from "../../../../support/fake-host.ts";
import { USAGE } from "../../../../support/process-usage.ts";
import { makeSnapshot } from "../../../../support/snapshots.ts";

function makeSource(): MetricsSource {
  let nowMs = 0;
  const srpc = new SrpcStatistics(["Installer.Shell"], () => nowMs);
  srpc.connection();
  srpc.connection()[Symbol.dispose]();
  srpc.rejectedConnection();
  srpc.deniedCall("Installer.Shell");
  const call = srpc.permittedCall("Installer.Shell");
  srpc.permittedCall("Installer.Shell");
  nowMs = 3;
  call.end("successful");
  srpc.deniedCall("Unknown.Method");
  return {
    snapshot: () => makeSnapshot(),
    ownProcess: {
      args: ["/sbin/installer", "-dryRun", "-configurationBaseUrl=http://user:hunter2@host/x"],
      usage: async () => USAGE,
    },
    flags: [
      { name: "dryRun", kind: "bool", value: true, description: "Print what would be done" },
      { name: "portNum", kind: "uint64", value: 6978, description: "Port" },
      { name: "dhcpTimeout", kind: "duration", value: 300_000_000_000n, description: "Time allowed" },
      { name: "eventUrl", kind: "string", value: "https://u:hunter2@host/e", description: "Where to post" },
      { name: "apiToken", kind: "string", value: "hunter2", description: "A secret" },
      { name: "keyFile", kind: "string", value: "/etc/ssl/key.pem", description: "A path" },
    ],
    srpc: () => srpc.figures(),
    certificate: () => ({ activationMs: 1_000, expiryMs: 2_000, earliestAuthorityExpiryMs: 3_000 }),
  };
}

async function get(target: string, acceptEncoding = ""): Promise<string> {
  const [path = "", query] = target.split("?");
  const request = { path, query: new URLSearchParams(query), acceptEncoding };
  const answer = await answerMetrics(request, makeSource(), new FakeClock({ nowMs: 1_795_207_306_666 }));
  if (answer === undefined) return "nothing";
  const { body, headers } = answer;
  if (typeof body !== "string" && !Buffer.isBuffer(body)) throw new Error("not whole");
  const text = headers?.["Content-Encoding"] === "gzip" ? gunzipSync(body).toString() : String(body);
  return `${answer.statusCode} ${answer.type.split(";")[0]} ${answer.headerKind} ${text}`;
}

describe("/metrics/ as text", () => {
  test.for([
    ["/proc/name", '"/sbin/installer"'],
    ["/proc/start-time", "1795207345.000000000"],
    ["/proc/cpu/user", "1.250000000"],
    ["/proc/cpu/sys", "0.500000000"],
    ["/proc/flags/dryRun", "true"],
    ["/proc/flags/portNum", "6978"],
    ["/proc/flags/dhcpTimeout", "300.000000000"],
    ["/proc/flags/keyFile", '"/etc/ssl/key.pem"'],
    ["/proc/memory/total", "104857600"],
    ["/srpc/server/num-open-connections", "1"],
    ["/srpc/server/num-connections", "2"],
    ["/srpc/server/num-rejected-connections", "1"],
    ["/srpc/server/num-running-methods", "1"],
    ["/srpc/server/Installer/Shell/num-denied-calls", "1"],
    ["/srpc/server/Installer/Shell/num-permitted-calls", "2"],
    [
      "/srpc/server/Installer/Shell/successful-call-durations",
      "{min:3;max:3;avg:3;median:3;sum:3;count:1;[2,5):1;}",
    ],
    ["/srpc/server/earliest-ca-expiration", "3.000000000"],
    ["/srpc/client/earliest-expiring-certificate-activation", "1.000000000"],
  ] as const)("%s is %s", async ([path, value]) => {
    expect(await get(`/metrics${path}?format=text`)).toBe(`200 text/plain metrics ${value}\n`);
  });

  test("a directory has all metrics below it with their paths", async () => {
    expect(await get("/metrics/proc/cpu?format=text")).toBe(
      "200 text/plain metrics /proc/cpu/sys 0.500000000\n/proc/cpu/user 1.250000000\n",
    );
  });

  test("a path that is the beginning of another is not there", async () => {
    expect(await get("/metrics/proc/cp?format=text")).toBe("200 text/plain metrics *Path does not exist.*");
  });

  test("no secret of the command line is shown", async () => {
    const all = `${await get("/metrics/?format=text")}${await get("/metrics/proc/flags")}${await get("/metricsapi/")}`;
    expect(all).not.toContain("hunter2");
    expect(all).toContain("@host/x".slice(1));
  });
});

describe("/metrics/ for people", () => {
  test("a directory has its metrics and links to those below", async () => {
    const page = await get("/metrics/proc");
    expect(page).toMatch(/^200 text\/html metrics /);
    expect(page).toContain('<a href="/metrics/proc/cpu">cpu/</a>');
    expect(page).toContain("<td>2026-11-20T20:42:25.000Z</td>");
    expect(page).not.toContain("max-resident");
  });

  test("what is not there", async () => {
    expect(await get("/metrics/<script>")).toContain("Path does not exist.");
    expect(await get("/metrics/<script>")).not.toContain("<script>");
  });
});

describe("/metricsapi/", () => {
  test("a metric as the original shows it", async () => {
    expect(await get("/metricsapi/proc/name?singleton=true")).toBe(
      `200 application/json bare {
	"path": "/proc/name",
	"description": "Program name",
	"unit": "None",
	"kind": "string",
	"value": "/sbin/installer",
	"timestamp": "1795207306.666000000",
	"groupId": 0
}
`,
    );
  });

  test("an array of all, of a directory, of one, of none", async () => {
    const paths = async (path: string): Promise<readonly string[]> => {
      const text = await get(path, "gzip, deflate");
      return (JSON.parse(text.slice(text.indexOf("["))) as { path: string }[]).map((metric) => metric.path);
    };
    expect((await paths("/metricsapi/")).length).toBeGreaterThan(30);
    expect(await paths("/metricsapi/proc/cpu")).toEqual(["/proc/cpu/sys", "/proc/cpu/user"]);
    expect(await paths("/metricsapi/proc/cpu/")).toEqual(["/proc/cpu/sys", "/proc/cpu/user"]);
    expect(await paths("/metricsapi/proc/name")).toEqual(["/proc/name"]);
    expect(await paths("/metricsapi/nothing")).toEqual([]);
  });

  test("a single one that is not there", async () => {
    expect(await get("/metricsapi/nothing?singleton=true")).toBe("404 text/plain bare 404 Not Found\n");
    expect(await get("/metricsapi/proc?singleton=true")).toBe("404 text/plain bare 404 Not Found\n");
  });

  test("numbers have bits, a distribution its ranges with open ends as 0", async () => {
    const text = await get("/metricsapi/srpc/server/Installer/Shell");
    const metrics = JSON.parse(text.slice(text.indexOf("["))) as Record<string, unknown>[];
    const durations = metrics.find(({ path }) => String(path).endsWith("/successful-call-durations"));
    const calls = metrics.find(({ path }) => String(path).endsWith("/num-permitted-calls"));
    expect(calls).toMatchObject({ kind: "uint64", bits: 64, value: 2 });
    const { ranges, ...value } = (durations?.["value"] ?? { ranges: [] }) as { ranges: object[] };
    expect(value).toEqual({ min: 3, max: 3, average: 3, median: 3, sum: 3, count: 1, generation: 1 });
    expect(ranges[0]).toEqual({ lower: 0, upper: 0.1, count: 0 });
    expect(ranges[5]).toEqual({ lower: 2, upper: 5, count: 1 });
    expect(ranges.at(-1)).toEqual({ lower: 100_000, upper: 0, count: 0 });
    expect(ranges).toHaveLength(20);
  });
});

test("scrapers recognise the port", async () => {
  expect(await get("/has-tricorder-metrics")).toBe("200 text/plain metrics true");
  expect(await get("/metricsstatic/theme.css")).toMatch(/^200 text\/css bare /);
  expect(await get("/metricsfoo")).toBe("nothing");
});

describe("Distribution", () => {
  test("the median lies within the range where the middle sample is", () => {
    const distribution = new Distribution();
    for (const sample of [1, 3, 3, 4, 400]) distribution.add(sample);
    const { median, min, max, average } = distribution.value();
    expect(median).toBeGreaterThanOrEqual(2);
    expect(median).toBeLessThan(5);
    expect({ min, max, average }).toEqual({ min: 1, max: 400, average: 82.2 });
  });

  test("samples beyond the limits are counted too", () => {
    const distribution = new Distribution();
    distribution.add(0);
    distribution.add(1e9);
    const { ranges } = distribution.value();
    expect(ranges[0]).toEqual({ lower: undefined, upper: 0.1, count: 1 });
    expect(ranges.at(-1)).toEqual({ lower: 100_000, upper: undefined, count: 1 });
  });

  test("nothing measured is all zeroes", () => {
    expect(new Distribution().value()).toMatchObject({ min: 0, max: 0, average: 0, median: 0, count: 0 });
  });
});
