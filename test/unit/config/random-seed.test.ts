import { expect, test } from "vitest";
import { stirRandomSeed, stirRandomSeedFile } from "../../../src/config/random-seed.ts";
import { FakeRandomPool } from "../../support/fake-host.ts";
import { MemoryFileSystem } from "../../support/memory-file-system.ts";
import { createRecordingLogger } from "../../support/recording-logger.ts";

test.each([
  [1, 1],
  [255, 255],
  [256, 256],
  [4096, 256],
])("a seed of %i bytes is credited with %i bits", async (bytes, bits) => {
  const [randomPool, log] = [new FakeRandomPool(), createRecordingLogger()];
  const seed = Buffer.alloc(bytes, "s");
  await stirRandomSeed({ randomPool, log }, seed);
  expect(randomPool.added).toEqual([{ seed, creditBits: bits }]);
  expect(log.messages).toContain(`copied ${bytes} bytes of random data`);
});

test("an empty seed is none", async () => {
  const [randomPool, log] = [new FakeRandomPool(), createRecordingLogger()];
  await stirRandomSeed({ randomPool, log }, new Uint8Array());
  expect([randomPool.added, log.messages]).toEqual([[], []]);
});

test("the file beside the configuration is used", async () => {
  const [randomPool, log] = [new FakeRandomPool(), createRecordingLogger()];
  const files = new MemoryFileSystem({ files: { "/tftpdata/random-seed": "four" } });
  await stirRandomSeedFile({ randomPool, log, files }, "/tftpdata");
  expect(randomPool.added).toEqual([{ seed: Buffer.from("four"), creditBits: 4 }]);
});

test("without the file nothing happens", async () => {
  const [randomPool, log] = [new FakeRandomPool(), createRecordingLogger()];
  await stirRandomSeedFile({ randomPool, log, files: new MemoryFileSystem() }, "/tftpdata");
  expect([randomPool.added, log.messages]).toEqual([[], []]);
});

test("a seed that cannot be used does not end the installation", async () => {
  const [randomPool, log] = [new FakeRandomPool(), createRecordingLogger()];
  const files = new MemoryFileSystem({ files: { "/tftpdata/random-seed/": "" } });
  await stirRandomSeedFile({ randomPool, log, files }, "/tftpdata");
  expect(log.messages.join()).toMatch(/^using \/tftpdata\/random-seed: EISDIR/);
});
