import { join } from "node:path";
import { expect, test } from "vitest";
import { encodeDhcpMessage } from "../../../../src/network/dhcp/codec.ts";
import { type DhcpLease, parseLease } from "../../../../src/network/dhcp/lease.ts";
import { renderPacketLog, writePacketLog } from "../../../../src/network/dhcp/packet-log.ts";
import { checkDhcp } from "../../../conformance/misc-dhcp.ts";
import { Report } from "../../../conformance/report.ts";
import { MemoryFileSystem } from "../../../support/memory-file-system.ts";

function makeLease(): DhcpLease {
  const message = {
    operation: 2,
    hardwareType: 1,
    hardwareAddress: Buffer.from("deadbeef0000", "hex"),
    transactionId: 1,
    elapsedSeconds: 0,
    broadcast: false,
    clientAddress: "0.0.0.0",
    yourAddress: "10.1.2.3",
    nextServer: "0.0.0.0",
    relayAddress: "0.0.0.0",
    options: new Map([
      [224, Buffer.alloc(0)],
      [3, Buffer.of(10, 1, 2, 1, 10, 1, 2, 2)],
      [12, Buffer.from("hostabc")],
    ]),
  };
  return parseLease("eth0", message, encodeDhcpMessage(message));
}

test("the recorded answers are understood as by the original, apart from the documented differences", async () => {
  const failures: string[] = [];
  const report = new Report((line) => failures.push(line));
  await checkDhcp(join(import.meta.dirname, "../../../vectors"), report);
  expect(failures).toEqual([]);
  expect(report.passed).toBe(23);
});

test("options are sorted by code, with text where it is printable", () => {
  const log = renderPacketLog(makeLease());
  expect([...log.keys()]).toEqual([
    "interface",
    "ipaddr",
    "router",
    "packet",
    "options",
    "option.3_OptionRouter",
    "option.12_OptionHostName",
    "option.224_OptionCode(224)",
  ]);
  expect(log.get("options")).toBe(
    [
      "Code:   3/OptionRouter",
      "  value: 0x0a0102010a010202",
      "Code:  12/OptionHostName",
      '  value: 0x686f7374616263("hostabc")',
      "Code: 224/OptionCode(224)",
      '  value: ("")',
      "",
    ].join("\n"),
  );
  expect(log.get("router")).toBe("10.1.2.1\n");
});

test("each answer gets the lowest free number", async () => {
  const files = new MemoryFileSystem({ files: { "/var/log/installer/dhcp/0/": "" } });
  expect(await writePacketLog(files, makeLease())).toBe("/var/log/installer/dhcp/1");
  expect(await files.readText("/var/log/installer/dhcp/1/ipaddr")).toBe("10.1.2.3\n");
  expect((await files.stat("/var/log/installer/dhcp/1/packet")).permissions).toBe(0o644);
});

test("a hundred and one answers are enough", async () => {
  const taken = Array.from({ length: 101 }, (_, number) => [`/log/${number}/`, ""]);
  const files = new MemoryFileSystem({ files: Object.fromEntries(taken) as Record<string, string> });
  await expect(writePacketLog(files, makeLease(), "/log")).rejects.toMatchObject({
    code: "E_SYSTEM_CALL",
    message: "reached DHCP logging limit: empty out: /log",
  });
});
