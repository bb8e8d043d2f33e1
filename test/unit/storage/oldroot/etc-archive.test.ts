import { Readable } from "node:stream";
import { gunzipSync } from "node:zlib";
import { extract, type Header } from "tar-stream";
import { describe, expect, test } from "vitest";
import { archiveEtc } from "../../../../src/storage/oldroot/etc-archive.ts";
import type { EtcLimits } from "../../../../src/storage/oldroot/walk-etc.ts";
import type { FileSystem } from "../../../../src/system/files.ts";
import { systemError } from "../../../../src/system/system-error.ts";
import { MemoryFileSystem } from "../../../support/memory-file-system.ts";
import { createRecordingLogger } from "../../../support/recording-logger.ts";

const ARCHIVE = "/var/log/installer/old-etc.tar.gz";

interface Member {
  readonly header: Header;
  readonly content: string;
}

async function membersOf(files: FileSystem): Promise<ReadonlyMap<string, Member>> {
  const reader = extract();
  Readable.from([gunzipSync(await files.readFile(ARCHIVE))]).pipe(reader as unknown as NodeJS.WritableStream);
  const members = new Map<string, Member>();
  for await (const entry of reader) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of entry as AsyncIterable<Uint8Array>) chunks.push(chunk);
    members.set(entry.header.name, { header: entry.header, content: Buffer.concat(chunks).toString() });
  }
  return members;
}

async function archive(files: FileSystem, limits?: EtcLimits, signal = new AbortController().signal) {
  const log = createRecordingLogger();
  const request = { root: "/old", archivePath: ARCHIVE, ...(limits === undefined ? {} : { limits }) };
  await archiveEtc(request, { files, log, signal });
  const members = await membersOf(files);
  const leftOut = members.get("old-etc/LEFT-OUT")?.content.trimEnd().split("\n");
  return { names: [...members.keys()], members, leftOut, messages: log.messages };
}

/** `files` with one method replaced for some paths. */
function failingAt(
  files: FileSystem,
  method: "lstat" | "readFile" | "readDirectory",
  path: string,
): FileSystem {
  return new Proxy(files, {
    get: (target, name) => {
      const original = (Reflect.get(target, name) as (...args: unknown[]) => unknown).bind(target);
      if (name !== method) return original;
      return async (...args: unknown[]) => {
        if (String(args[0]) === path) throw systemError("EIO", "read", path);
        return original(...args);
      };
    },
  });
}

describe("the archive of /etc", () => {
  test("has the layout of the original's: etc/…, owners, modes and times as they were", async () => {
    const files = new MemoryFileSystem({
      files: { "/old/etc/hostname": "old\n", "/old/etc/app/empty": "", "/old/bin/sh": "not this" },
    });
    await files.changeOwner("/old/etc/hostname", 12, 34);
    await files.changeMode("/old/etc/hostname", 0o4750);
    await files.changeTimes("/old/etc/hostname", { seconds: 1_234_567_890n, nanoseconds: 5 });
    await files.changeMode("/old/etc/app", 0o700);
    await files.makeSymlink("/etc/hostname", "/old/etc/app/link");
    const { names, members } = await archive(files);
    expect(names).toEqual([
      "etc/",
      "etc/app/",
      "etc/app/empty",
      "etc/app/link",
      "etc/hostname",
      "old-etc/LEFT-OUT",
    ]);
    const hostname = members.get("etc/hostname");
    expect(hostname?.content).toBe("old\n");
    expect(hostname?.header).toMatchObject({ type: "file", uid: 12, gid: 34, mode: 0o4750 });
    expect(hostname?.header.mtime.getTime()).toBe(1_234_567_890_000);
    expect(members.get("etc/app/")?.header).toMatchObject({ type: "directory", mode: 0o700 });
    expect(members.get("etc/app/link")?.header).toMatchObject({ type: "symlink", linkname: "/etc/hostname" });
    expect((await files.stat(ARCHIVE)).permissions).toBe(0o600);
  });

  test("a file that nobody may read does not become readable in the archive", async () => {
    const files = new MemoryFileSystem({ files: { "/old/etc/sealed": "x" } });
    await files.changeMode("/old/etc/sealed", 0);
    const { members } = await archive(files);
    expect(members.get("etc/sealed")?.header.mode).toBe(0);
  });

  test("owners and times that do not fit a plain header survive", async () => {
    const files = new MemoryFileSystem({ files: { "/old/etc/late": "", "/old/etc/early": "" } });
    await files.changeOwner("/old/etc/late", 3_000_000_000, 400_000);
    await files.changeTimes("/old/etc/late", { seconds: 5_000_000_000n, nanoseconds: 0 });
    await files.changeTimes("/old/etc/early", { seconds: -86_400n, nanoseconds: 0 });
    const { members } = await archive(files);
    expect(members.get("etc/late")?.header.pax).toMatchObject({
      uid: "3000000000",
      gid: "400000",
      mtime: "5000000000",
    });
    expect(members.get("etc/early")?.header.pax).toMatchObject({ mtime: "-86400" });
  });

  test("leaves out secrets by name and by content, with everything below, and says so", async () => {
    const files = new MemoryFileSystem({
      files: {
        "/old/etc/shadow": "root:x",
        "/old/etc/ssl/private/a.crt": "cert",
        "/old/etc/ssl/openssl.cnf": "config",
        "/old/etc/innocent": "-----BEGIN PRIVATE KEY-----",
        "/old/etc/passwd": "root:x:0:0::/root:/bin/sh\n",
      },
    });
    const { names, leftOut, messages } = await archive(files);
    expect(names).toEqual(["etc/", "etc/passwd", "etc/ssl/", "etc/ssl/openssl.cnf", "old-etc/LEFT-OUT"]);
    expect(leftOut).toEqual([
      "etc/innocent: holds a private key",
      "etc/shadow: secret by its name: password database",
      "etc/ssl/private: secret by its name: private directory",
    ]);
    expect(messages).toEqual([expect.stringMatching(/^saved old \/etc in \S+: 4 entries .*, 3 left out/)]);
  });

  test("leaves out devices, sockets and pipes", async () => {
    const files = new MemoryFileSystem({ files: { "/old/etc/": "" } });
    await files.makeNode("/old/etc/pipe", 0o010644, 0n);
    await files.makeNode("/old/etc/disk", 0o060600, 0x800n);
    await files.makeNode("/old/etc/socket", 0o140600, 0n);
    const { names, leftOut } = await archive(files);
    expect(names).toEqual(["etc/", "old-etc/LEFT-OUT"]);
    expect(leftOut).toEqual(["etc/disk: is a device", "etc/pipe: is a fifo", "etc/socket: is a socket"]);
  });

  test.each([
    ["lstat", "/old/etc/app/file", ["etc/", "etc/app/", "etc/other"]],
    ["readFile", "/old/etc/app/file", ["etc/", "etc/app/", "etc/other"]],
    ["readDirectory", "/old/etc/app", ["etc/", "etc/app/", "etc/other"]],
    ["readDirectory", "/old/etc", ["etc/"]],
    ["lstat", "/old/etc", []],
  ] as const)(
    "one unreadable file on the old disk does not stop the archive (%s of %s)",
    async (method, path, kept) => {
      const files = new MemoryFileSystem({ files: { "/old/etc/app/file": "x", "/old/etc/other": "y" } });
      const { names, leftOut } = await archive(failingAt(files, method, path));
      expect(names).toEqual([...kept, "old-etc/LEFT-OUT"]);
      expect(leftOut).toEqual([expect.stringMatching(/: cannot be read: EIO$/)]);
    },
  );

  test("is bounded in files, bytes and names", async () => {
    const files = new MemoryFileSystem({
      files: {
        "/old/etc/a": "12345",
        "/old/etc/b": "1234",
        "/old/etc/c": "1234",
        "/old/etc/d": "12",
        [`/old/etc/${"n".repeat(40)}`]: "",
        "/old/etc/z1": "",
        "/old/etc/z2": "",
      },
    });
    const limits = { fileBytes: 4, totalBytes: 6, members: 4, nameBytes: 20 };
    const { names, leftOut } = await archive(files, limits);
    expect(names).toEqual(["etc/", "etc/b", "etc/d", "etc/z1", "old-etc/LEFT-OUT"]);
    expect(leftOut).toEqual([
      "etc/a: is larger than 4 B",
      "etc/c: the archive is full",
      `etc/${"n".repeat(40)}: its name is too long`,
      "etc/z2: too many files: the rest is missing",
    ]);
  });

  test("hostile names forge neither lines nor members", async () => {
    const files = new MemoryFileSystem({ files: { "/old/etc/two\nlines": "kept", "/old/etc/größe": "ü" } });
    await files.writeFile(Buffer.from("/old/etc/\xff\xfe", "latin1"), "not UTF-8");
    await files.writeFile("/old/etc/shadow\nforged: kept", "");
    await files.makeSymlink(Buffer.from("\xff", "latin1"), "/old/etc/link");
    const long = `etc/${"long/".repeat(60)}file`;
    await files.makeDirectory(`/old/${long.slice(0, -5)}`, { parents: true });
    await files.writeFile(`/old/${long}`, "deep");
    const { names, members, leftOut } = await archive(files);
    expect(names).toContain("etc/two\nlines");
    expect(members.get("etc/größe")?.content).toBe("ü");
    expect(members.get(long)?.content).toBe("deep");
    expect(leftOut).toEqual([
      "etc/link: its target is no UTF-8 text",
      '"etc/shadow\\nforged: kept": secret by its name: password database',
      '"etc/��": its name is not UTF-8',
    ]);
  });

  test("an archive of an earlier attempt stays: the disk has another system by now", async () => {
    const files = new MemoryFileSystem({ files: { "/old/etc/hostname": "second", [ARCHIVE]: "first" } });
    const log = createRecordingLogger();
    await archiveEtc(
      { root: "/old", archivePath: ARCHIVE },
      { files, log, signal: new AbortController().signal },
    );
    expect(await files.readText(ARCHIVE)).toBe("first");
    expect(log.messages).toEqual([`keeping ${ARCHIVE} of an earlier attempt`]);
  });

  test("is not written when the installation is interrupted", async () => {
    const files = new MemoryFileSystem({ files: { "/old/etc/hostname": "x" } });
    const interrupted = AbortSignal.abort(new Error("interrupted"));
    await expect(archive(files, undefined, interrupted)).rejects.toThrow("interrupted");
    expect(await files.exists(ARCHIVE)).toBe(false);
  });

  test("has more files than fit a stream's buffer at once", async () => {
    const files = new MemoryFileSystem({ files: { "/old/etc/": "" } });
    for (let count = 0; count < 40; count++)
      await files.writeFile(`/old/etc/file-${count}`, "x".repeat(100_000));
    const { members } = await archive(files);
    expect([...members.values()].filter(({ content }) => content.length === 100_000)).toHaveLength(40);
  });
});
