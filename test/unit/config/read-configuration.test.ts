import { describe, expect, test } from "vitest";
import { readConfiguration } from "../../../src/config/read-configuration.ts";
import { MemoryFileSystem } from "../../support/memory-file-system.ts";

function withFiles(files: Readonly<Record<string, string>>): MemoryFileSystem {
  const entries = Object.entries(files).map(([name, content]) => [`/tftpdata/${name}`, content]);
  return new MemoryFileSystem({ files: Object.fromEntries(entries) as Record<string, string> });
}

test("all files", async () => {
  const files = withFiles({
    "config.json": '{"Machine": {"Hostname": "h"}}',
    imagename: " debian/13 \n",
    "tools-imagename": "tools\n",
    imageserver: "images.example.com:6971\n",
    "storage-layout.json": '{"Encrypt": true, "Odd": 1}',
  });
  expect(await readConfiguration(files, "/tftpdata")).toMatchObject({
    machine: { hostname: "h" },
    imageName: "debian/13",
    toolsImageName: "tools",
    imageServer: { host: "images.example.com", port: 6971 },
    storageLayout: { encrypt: true },
    warnings: ["/tftpdata/storage-layout.json:1:19: Odd: unknown key, ignored"],
  });
});

test("only config.json", async () => {
  const configuration = await readConfiguration(withFiles({ "config.json": "{}" }), "/tftpdata");
  expect(configuration).toMatchObject({ imageName: "", toolsImageName: "" });
  expect(configuration).not.toHaveProperty("imageServer");
  expect(configuration).not.toHaveProperty("storageLayout");
});

describe("refuses", () => {
  test.each([
    [{ imagename: "x" }, "E_CONFIG_MISSING", "there is no /tftpdata/config.json"],
    [{ "config.json": "" }, "E_CONFIG_SYNTAX", "/tftpdata/config.json:1:1: EOF"],
    [
      { "config.json": "{}", "storage-layout.json": "[" },
      "E_CONFIG_SYNTAX",
      "/tftpdata/storage-layout.json:1:2: unexpected EOF",
    ],
    [
      { "config.json": "{}", imageserver: "images" },
      "E_CONFIG_VALUE",
      '/tftpdata/imageserver: "images" has no port',
    ],
    [
      { "config.json": "{}", imagename: "a\nb" },
      "E_CONFIG_VALUE",
      "/tftpdata/imagename: the name has several lines or control characters",
    ],
  ])("%j", async (files, code, message) => {
    await expect(readConfiguration(withFiles(files), "/tftpdata")).rejects.toMatchObject({ code, message });
  });
});
