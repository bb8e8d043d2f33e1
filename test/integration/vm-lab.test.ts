import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { httpGet, LAB_NETWORK, Lab } from "../vm/lab.ts";

const LAB_MODULE = path.resolve(import.meta.dirname, "../vm/lab.ts");

let netbootDirectory = "";
beforeAll(() => {
  netbootDirectory = mkdtempSync(path.join(tmpdir(), "installer-boot-files-"));
  for (const name of ["vmlinuz", "initrd.img"]) writeFileSync(path.join(netbootDirectory, name), name);
});
afterAll(() => rmSync(netbootDirectory, { recursive: true, force: true }));

function namespaces(): readonly string[] {
  return existsSync("/run/netns") ? readdirSync("/run/netns") : [];
}

/** A lab in a process of its own, which says its name and then waits. */
async function startLabProcess(): Promise<{ readonly child: ChildProcess; readonly name: string }> {
  const source = `
    import { Lab } from ${JSON.stringify(LAB_MODULE)};
    process.once("SIGINT", () => process.exit(130));
    const lab = await Lab.create({ netbootDirectory: ${JSON.stringify(netbootDirectory)} });
    console.log(lab.namespace);
    setInterval(() => undefined, 1000);
  `;
  const child = spawn(process.execPath, ["--input-type=module", "-e", source], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const name = await Promise.race([
    once(child.stdout, "data").then(([chunk]) => String(chunk).trim()),
    once(child, "exit").then(([code]) =>
      Promise.reject(new Error(`it ended with exit code ${String(code)}`)),
    ),
  ]);
  return { child, name };
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const exited = once(child, "exit");
  child.kill(signal);
  await exited;
}

describe("the lab of the VM tests", () => {
  it("serves boot files and configuration by HTTP, and is gone when it is disposed of", async () => {
    let name = "";
    {
      await using lab = await Lab.create({
        netbootDirectory,
        tftpFiles: { imagename: "debian\n" },
        kernelArguments: "quiet",
      });
      name = lab.namespace;
      const web = await lab.relay(LAB_NETWORK.server, 80);
      expect(await httpGet(web, "/imagename")).toBe("debian\n");
      expect(await httpGet(web, "/boot.ipxe")).toMatch(/^#!ipxe\nkernel .* quiet\n/);
      await expect(httpGet(web, "/absent")).rejects.toThrow("/absent: 404");
    }
    expect(namespaces()).not.toContain(name);
    expect(existsSync(path.join(tmpdir(), name))).toBe(false);
  });

  it("is gone when its process is interrupted", async () => {
    const { child, name } = await startLabProcess();
    expect(namespaces()).toContain(name);
    await end(child, "SIGINT");
    expect(namespaces()).not.toContain(name);
    expect(existsSync(path.join(tmpdir(), name))).toBe(false);
  });

  it("is removed by the next one when its process was killed", async () => {
    const { child, name } = await startLabProcess();
    await end(child, "SIGKILL");
    expect(namespaces()).toContain(name);
    await using lab = await Lab.create({ netbootDirectory });
    expect(namespaces()).toContain(lab.namespace);
    expect(namespaces()).not.toContain(name);
    expect(existsSync(path.join(tmpdir(), name))).toBe(false);
  });
});
