import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, statSync } from "node:fs";
import path from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { parseArgs } from "node:util";

import { renderCpio } from "../src/media/cpio.ts";
import { parseInitramfsManifest } from "../src/media/initramfs-manifest.ts";
import { fingerprint, isFresh, writeStamp } from "./lib/fingerprint.ts";
import { collectInitramfs, collectOverlay } from "./lib/initramfs.ts";
import { fetchKernel, type Kernel } from "./lib/kernel.ts";
import { CACHE, DIST, ROOT } from "./lib/paths.ts";
import { run } from "./lib/run.ts";
import { runScript } from "./lib/script.ts";

const USAGE = `Usage: scripts/build-initramfs [options]

Builds the kernel and the initramfs that a bare machine boots to be installed:
  dist/netboot/vmlinuz     kernel of the Debian package
  dist/netboot/initrd.img  initramfs/manifest.yaml as a zstd-compressed cpio archive

Options:
  --kernel PACKAGE   Debian kernel package (default linux-image-cloud-amd64, for virtual machines;
                     linux-image-amd64 brings the drivers of physical ones)
  --overlay DIR      copy DIR over the root: certificates (etc/ssl/...), flag files (etc/installer/...),
                     configuration (tftpdata/...); everything in it will belong to root
  --output DIR       instead of dist/netboot
  --level N          zstd level, 1..19 (default 6; 19 for releases: a quarter smaller, a minute slower)
`;

const OPTIONS = {
  kernel: { type: "string", default: "linux-image-cloud-amd64" },
  overlay: { type: "string" },
  output: { type: "string", default: path.join(DIST, "netboot") },
  level: { type: "string", default: "6" },
  help: { type: "boolean", short: "h" },
} as const;

/** Makes the compressed archive of the manifest unless nothing has changed since the last time. */
async function makeBaseArchive(kernel: Kernel, level: string): Promise<string> {
  const archive = path.join(CACHE, `initramfs-${kernel.flavour}.cpio.zst`);
  const stamp = `${archive}.stamp`;
  const inputs = ["initramfs", "src/media", "scripts/build-initramfs.ts", "scripts/lib", "dist/installer"];
  const busybox = fingerprint("/", ["bin/busybox"]);
  const wanted = fingerprint(ROOT, inputs, [kernel.moduleDirectory, level, busybox, process.version]);
  if (existsSync(archive) && isFresh(stamp, wanted)) return archive;

  const manifestFile = path.join(ROOT, "initramfs/manifest.yaml");
  const manifest = parseInitramfsManifest(readFileSync(manifestFile, "utf8"), "initramfs/manifest.yaml");
  const buildSeconds = Number(process.env["SOURCE_DATE_EPOCH"] ?? Math.floor(Date.now() / 1000));
  await compress(renderCpio(collectInitramfs(manifest, kernel, buildSeconds)), level, archive);
  writeStamp(stamp, wanted);
  return archive;
}

async function compress(archive: Iterable<Uint8Array>, level: string, file: string): Promise<void> {
  const zstd = spawn("zstd", ["-q", "-f", "-T0", `-${level}`, "-o", `${file}.new`], {
    stdio: ["pipe", "inherit", "inherit"],
  });
  const closed = once(zstd, "close");
  await pipeline(Readable.from(archive), zstd.stdin);
  const [code] = await closed;
  if (code !== 0) throw new Error(`zstd ended with exit code ${String(code)}`);
  renameSync(`${file}.new`, file);
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: OPTIONS });
  if (values.help === true) {
    process.stdout.write(USAGE);
    return;
  }
  mkdirSync(values.output, { recursive: true });
  const kernel = fetchKernel(values.kernel);
  const archives = [await makeBaseArchive(kernel, values.level)];
  if (values.overlay !== undefined) {
    // A second archive after the first one: the kernel unpacks both, the later over the earlier.
    const overlay = path.join(values.output, "overlay.cpio.zst");
    await compress(renderCpio(collectOverlay(values.overlay)), values.level, overlay);
    archives.push(overlay);
  }
  const initrd = path.join(values.output, "initrd.img");
  copyFileSync(kernel.image, path.join(values.output, "vmlinuz"));
  run("sh", ["-c", 'out=$1; shift; cat "$@" >"$out"', "sh", initrd, ...archives]);
  console.log(
    `${path.relative(ROOT, initrd)}: ${(statSync(initrd).size / 1e6).toFixed(1)} MB, Linux ${kernel.release}`,
  );
}

await runScript(main);
