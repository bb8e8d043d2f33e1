import { createHash, randomBytes } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { NetworkLab } from "../support/network-lab.ts";

const HOST = "10.55.0.1";

function sha256(content: Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

describe("from dnsmasq", () => {
  let lab: NetworkLab;
  const contents = new Map<string, Buffer>(
    [0, 1, 511, 512, 1427, 1428, 1429, 1428 * 16, 200_000, 5_000_000].map((size) => [
      `file-${size}`,
      randomBytes(size),
    ]),
  );

  beforeAll(async () => {
    lab = await NetworkLab.create(1);
    await lab.setClientAddress();
    const root = join(lab.directory, "root");
    await mkdir(root);
    for (const [name, content] of contents) await writeFile(join(root, name), content);
    await lab.startDnsmasq("--enable-tftp", `--tftp-root=${root}`);
  });
  afterAll(async () => lab[Symbol.asyncDispose]());

  test.each([...contents.keys()])("%s, byte for byte", async (name) => {
    const content = contents.get(name) ?? Buffer.alloc(0);
    const { value, message } = await lab.runClient("tftp-client.ts", { host: HOST, name });
    expect(message).toBeUndefined();
    expect(value).toEqual({ sizeBytes: content.length, sha256: sha256(content) });
  });

  test("a file that is not there", async () => {
    const { code, message } = await lab.runClient("tftp-client.ts", { host: HOST, name: "tools-imagename" });
    expect(code).toBe("E_TFTP_NOT_FOUND");
    expect(message).toMatch(
      /^receiving tools-imagename from 10\.55\.0\.1 by TFTP: code: 1, message: .*not found/,
    );
  });

  test("a file larger than the limit is refused before it is sent", async () => {
    const request = { host: HOST, name: "file-5000000", limitBytes: 4_999_999 };
    const { code } = await lab.runClient("tftp-client.ts", request);
    expect(code).toBe("E_TFTP_TOO_LARGE");
  });

  test("a file over a path that swallows large packets", async () => {
    await lab.onClient("nft", "add table inet lab");
    await lab.onClient("nft", "add chain inet lab in { type filter hook input priority 0; }");
    await lab.onClient("nft", "add rule inet lab in ip protocol udp ip length > 1000 drop");
    const content = contents.get("file-1429") ?? Buffer.alloc(0);
    const { value, message } = await lab.runClient("tftp-client.ts", { host: HOST, name: "file-1429" });
    await lab.onClient("nft", "delete table inet lab");
    expect(message).toBeUndefined();
    expect(value).toEqual({ sizeBytes: content.length, sha256: sha256(content) });
  });

  test("a file under 5 % loss each way", async () => {
    const drop = "ip protocol udp numgen random mod 100 < 5 drop";
    await lab.onClient("nft", "add table inet lab");
    await lab.onClient("nft", "add chain inet lab in { type filter hook input priority 0; }");
    await lab.onClient("nft", `add rule inet lab in ${drop}`);
    await lab.onServer("nft", "add table inet lab");
    await lab.onServer("nft", "add chain inet lab in { type filter hook input priority 0; }");
    await lab.onServer("nft", `add rule inet lab in ${drop}`);
    const content = contents.get("file-200000") ?? Buffer.alloc(0);
    const { value, message } = await lab.runClient("tftp-client.ts", { host: HOST, name: "file-200000" });
    await lab.onClient("nft", "delete table inet lab");
    await lab.onServer("nft", "delete table inet lab");
    expect(message).toBeUndefined();
    expect(value).toEqual({ sizeBytes: content.length, sha256: sha256(content) });
  });
});

describe("from a server that misbehaves", () => {
  let lab: NetworkLab;
  beforeAll(async () => {
    lab = await NetworkLab.create(1);
    await lab.setClientAddress();
    await lab.startScript("hostile-tftp-server.ts");
  });
  afterAll(async () => lab[Symbol.asyncDispose]());

  test.each([
    ["wrong-opcode", "E_TFTP_PROTOCOL", "the TFTP server sent operation 9"],
    ["short-packet", "E_TFTP_PROTOCOL", "the TFTP server sent a packet of 1 bytes"],
    ["oversize-tsize", "E_TFTP_TOO_LARGE", "sent 9999999999 bytes, more than the limit"],
    ["wrong-tsize", "E_TFTP_PROTOCOL", "sent 16 bytes after announcing 17"],
    ["huge-block-size", "E_TFTP_PROTOCOL", 'option "blksize=65464"'],
    ["unasked-option", "E_TFTP_PROTOCOL", 'option "multicast=224.0.0.1,1758,1"'],
    ["endless-data", "E_TFTP_TOO_LARGE", "more than the limit of 1000000"],
    ["endless-repeats", "E_TFTP_TIMEOUT", "no progress for 3 s"],
    ["silence", "E_TFTP_TIMEOUT", "no progress for 3 s"],
    ["code-0-not-found", "E_TFTP_NOT_FOUND", "code: 0, message: No such file?or directory"],
    ["access-denied", "E_TFTP_ACCESS", "code: 2, message: Access violation"],
    ["disk-error", "E_TFTP_SERVER", "code: 3, message: disk trouble"],
  ])("%s gives %s", async (name, expected, text) => {
    const request = { host: HOST, name, limitBytes: 1_000_000, stallMs: 3000 };
    const { code, message } = await lab.runClient("tftp-client.ts", request);
    expect(code).toBe(expected);
    expect(message).toContain(text);
  });

  test("packets from another port change nothing", async () => {
    const { value, message } = await lab.runClient("tftp-client.ts", { host: HOST, name: "another-port" });
    const content = Buffer.concat([Buffer.alloc(512, "a"), Buffer.from("the real content")]);
    expect(message).toBeUndefined();
    expect(value).toEqual({ sizeBytes: 528, sha256: sha256(content) });
  });

  test.each(["no-options", "refuses-options"])("%s falls back to plain TFTP", async (name) => {
    const { value } = await lab.runClient("tftp-client.ts", { host: HOST, name });
    expect(value).toEqual({ sizeBytes: 16, sha256: sha256(Buffer.from("the real content")) });
  });
});
