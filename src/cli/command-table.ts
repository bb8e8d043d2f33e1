import { type Command, defineCommand } from "./command.ts";
import { IMAGE_SERVER_FLAGS, IMAGE_STORE_FLAGS } from "./flags/image-flags.ts";

/** What `installer` does without a command: the whole installation. */
export const DAEMON: Command = defineCommand({
  name: "",
  args: [],
  exitCodes: "original",
  obeysDryRun: true,
  load: () => import("./commands/daemon.ts"),
});

/**
 * Every sub-command, sorted by name. Those of the original keep its exit codes and error lines (spec/cli.md section 7);
 * the others are ours.
 */
export const COMMANDS: readonly Command[] = [
  defineCommand({
    name: "decode-base64",
    args: [],
    doing: "decoding base64 encoded data",
    exitCodes: "original",
    load: () => import("./commands/decode-base64.ts"),
  }),
  defineCommand({
    name: "dhcp-request",
    args: [],
    exitCodes: "original",
    load: () => import("./commands/dhcp-request.ts"),
  }),
  defineCommand({
    name: "generate-random",
    args: [],
    doing: "generating random data",
    exitCodes: "original",
    load: () => import("./commands/generate-random.ts"),
  }),
  defineCommand({
    name: "image add",
    args: ["name", "tree"],
    doing: "adding image",
    exitCodes: "by-kind",
    flags: IMAGE_STORE_FLAGS,
    help: `Publishes a directory tree, or a tar archive of one, as an image. The image appears when it is complete;
an existing name is refused, since images never change: count up instead (debian/1, debian/2).

  installer image add debian/1 /srv/trees/debian
  installer image add -imageDir /srv/images -objectDir /srv/objects debian/1 debian.tar

A running image-server with the same directories serves the new image at once.
`,
    load: () => import("./commands/image-add.ts"),
  }),
  defineCommand({
    name: "image verify",
    args: ["name", "directory"],
    doing: "verifying image",
    exitCodes: "by-kind",
    flags: IMAGE_STORE_FLAGS,
    help: `Compares a directory, such as the mounted disk of an installed machine, with an image: type, mode, owner,
time, link count, link target and content of every path. Prints one line for each difference and exits with 6
when there is any.

  installer image verify debian/1 /mnt
`,
    load: () => import("./commands/image-verify.ts"),
  }),
  defineCommand({
    name: "image-server",
    args: [],
    doing: "serving images",
    exitCodes: "by-kind",
    flags: IMAGE_SERVER_FLAGS,
    help: `Serves the images made by "image add" until interrupted. Machines being installed connect with TLS and
a certificate; -certFile, -keyFile and -CAfile before the command say with what the server identifies
itself and whom it trusts.

  installer -certFile server.pem -keyFile server.key -CAfile ca.pem image-server
  installer image-server -imageDir /srv/images -objectDir /srv/objects -allowUnauthenticatedReads
`,
    load: () => import("./commands/image-server.ts"),
  }),
  defineCommand({
    name: "kexec-image",
    args: ["image-name"],
    doing: "kexecing image",
    exitCodes: "original",
    obeysDryRun: true,
    load: () => import("./commands/kexec-image.ts"),
  }),
  defineCommand({
    name: "list-drives",
    args: [],
    doing: "listing drives",
    exitCodes: "original",
    load: () => import("./commands/list-drives.ts"),
  }),
  defineCommand({
    name: "list-images",
    args: [],
    doing: "listing images",
    exitCodes: "original",
    load: () => import("./commands/list-images.ts"),
  }),
  defineCommand({
    name: "load-configuration-from-tftp",
    args: [],
    doing: "loading configuration from TFTP",
    exitCodes: "original",
    obeysDryRun: true,
    load: () => import("./commands/load-configuration-from-tftp.ts"),
  }),
  defineCommand({
    name: "load-image",
    args: ["image-name", "root-dir"],
    doing: "loading image",
    exitCodes: "original",
    load: () => import("./commands/load-image.ts"),
  }),
];
