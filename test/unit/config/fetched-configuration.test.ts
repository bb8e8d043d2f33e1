import { expect, it } from "vitest";
import { isConfigurationInjected, prepareFetching } from "../../../src/config/fetched-configuration.ts";
import { createFakeHost } from "../../support/fake-host.ts";

const DIRECTORY = "/tftpdata";

it("takes a configuration that lies there from the start for one of the boot medium", async () => {
  const { files } = createFakeHost();
  expect(await isConfigurationInjected(files, DIRECTORY)).toBe(false);
  await files.makeDirectory(DIRECTORY, { parents: true });
  await files.writeFile(`${DIRECTORY}/config.json`, "{}");
  expect(await isConfigurationInjected(files, DIRECTORY)).toBe(true);
});

it("fetches again when the installer starts anew (it used the old files, mistakes included)", async () => {
  const { files } = createFakeHost();
  await prepareFetching(files, DIRECTORY);
  await files.makeDirectory(DIRECTORY);
  for (const name of ["config.json", "tools-imagename", "notes"])
    await files.writeFile(`${DIRECTORY}/${name}`, "{}");
  expect(await isConfigurationInjected(files, DIRECTORY)).toBe(false);
  await prepareFetching(files, DIRECTORY);
  expect(await files.exists(`${DIRECTORY}/config.json`)).toBe(false);
  expect(await files.exists(`${DIRECTORY}/tools-imagename`)).toBe(false);
  // What nobody fetched is nobody's to remove.
  expect(await files.exists(`${DIRECTORY}/notes`)).toBe(true);
});

it("keeps what lies beside a first fetch", async () => {
  const { files } = createFakeHost();
  await files.makeDirectory(DIRECTORY, { parents: true });
  await files.writeFile(`${DIRECTORY}/imagename`, "debian/1\n");
  await prepareFetching(files, DIRECTORY);
  expect(await files.exists(`${DIRECTORY}/imagename`)).toBe(true);
});
