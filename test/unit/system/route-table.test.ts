import { describe, expect, it } from "vitest";
import { parseDefaultRoutes } from "../../../src/system/route-table.ts";

const HEADER = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n";

describe("parseDefaultRoutes", () => {
  it("finds default routes and no others", () => {
    const text = [
      HEADER.trimEnd(),
      "eth0\t00000000\t0100A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0",
      "eth0\t0000A8C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0",
      "tun0\t00000000\t0100000A\t0003\t0\t0\t0\t00000080\t0\t0\t0",
      "ppp0\t00000000\t00000000\t0001\t0\t0\t0\t00000000\t0\t0\t0",
      "",
    ].join("\n");
    expect(parseDefaultRoutes(text)).toEqual([
      { interfaceName: "eth0", gateway: "192.168.0.1", metric: 100 },
      { interfaceName: "ppp0", gateway: "0.0.0.0", metric: 0 },
    ]);
  });

  it.each(["", HEADER, "nonsense", "eth0\t00000000\tXYZ\t0003\t0\t0\t0\t00000000"])(
    "finds none in %j",
    (text) => {
      expect(parseDefaultRoutes(text)).toEqual([]);
    },
  );
});
