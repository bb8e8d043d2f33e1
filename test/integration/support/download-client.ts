import { installerFlags } from "../../../src/cli/flags/installer-flags.ts";
import { connectorFromFlags } from "../../../src/cli/image-server-connector.ts";
import { requiredObjects } from "../../../src/images/tree.ts";
import { DirectoryObjectStore } from "../../../src/objectcache/directory-object-store.ts";
import { downloadObjects } from "../../../src/steps/download-objects.step.ts";
import { createNodeHost } from "../../../src/system/node/node-host.ts";
import { silentProgress } from "../../support/silent-progress.ts";
import { runClientScript } from "./client-script.ts";

interface DownloadRequest {
  /** Address of the image server. */
  readonly host: string;
  readonly image: string;
  /** Of the object cache. */
  readonly directory: string;
}

/** Downloads all objects of an image by the step of an installation, with the time limits that the flags have by default. */
await runClientScript<DownloadRequest>(async ({ host: serverHost, image, directory }, log) => {
  await using host = createNodeHost();
  await using cleanup = new AsyncDisposableStack();
  const { signal } = new AbortController();
  const progress = silentProgress;
  const table = installerFlags({ processId: process.pid, effectiveUserId: 0 });
  const limits = { srpcDefaultConnectTimeout: table.srpcDefaultConnectTimeout.default };
  const connector = connectorFromFlags(limits, undefined, host.clock);
  const server = { host: serverHost, port: 6971 };
  await using client = await connector.connect(server, { log, signal });
  const tree = (await client.resolveImage(image, signal)).image.fileSystem;
  if (tree === undefined) throw new Error(`${image} has no tree`);
  const wanted = new Map(requiredObjects(tree));
  const store = new DirectoryObjectStore({ root: directory, files: host.files, hashing: host.hashing });
  const input = { cache: { store, wanted }, server, connector };
  await downloadObjects.run(input, { host, log, progress, signal, cleanup });
  // Each was compared with its hash on the way in; what counts is that none is missing.
  return { objects: wanted.size, missing: (await store.missing(wanted.keys())).size };
});
