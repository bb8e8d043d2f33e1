import { type Command, defineCommand } from "./command.ts";
import { LIST_DRIVES_FLAGS } from "./flags/drive-flags.ts";
import { IMAGE_SERVER_FLAGS, IMAGE_STORE_FLAGS } from "./flags/image-flags.ts";
import { PLAN_FLAGS } from "./flags/plan-flags.ts";
import {
  CONTROL_FLAGS,
  DIAGNOSE_FLAGS,
  LOGS_FLAGS,
  SHELL_FLAGS,
  STATUS_FLAGS,
  WATCH_FLAGS,
} from "./flags/remote-flags.ts";
import { VALIDATE_FLAGS } from "./flags/validate-flags.ts";
import { REMOTE_HELP } from "./remote/help.ts";

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
    name: "control",
    args: ["host", "action"],
    doing: "steering the installation",
    exitCodes: "by-kind",
    flags: CONTROL_FLAGS,
    help: REMOTE_HELP.control,
    load: () => import("./commands/control.ts"),
  }),
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
    name: "diagnose",
    args: ["host"],
    doing: "collecting diagnostics",
    exitCodes: "by-kind",
    flags: DIAGNOSE_FLAGS,
    help: REMOTE_HELP.diagnose,
    load: () => import("./commands/diagnose.ts"),
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
    flags: LIST_DRIVES_FLAGS,
    help: `Prints the kernel names of the drives that could be installed to, one a line, the one that would be booted from
first. With -table or -json it shows every whole drive with size, transport, model, serial number, path, what it
carries, and why it cannot be used. Nothing is changed.

  installer list-drives -table
  installer list-drives -json | jq '.[] | select(.usable) | {name, serial, wwn, path}'

What it shows can be copied to storage-layout.json, so that only the drives that are meant are touched:

  "BootDrive": {"Serial": "S3Z9NB0K123456"},
  "DataDrives": [{"Transport": "sas", "MinimumBytes": 4000000000000, "Count": 2}]

Keys: Serial, Wwn, Model, Path, MinimumBytes, MaximumBytes, Transport (nvme, sata, sas, scsi, virtio, usb, mmc,
xen), Rotational; all that are given must be so. BootDrive has to match one drive, an entry of DataDrives as many
as Count says (1 by default), or nothing is installed. A drive that belongs to a RAID array, a volume group or a
pool has to be named by Serial, Wwn or Path.
`,
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
  defineCommand({
    name: "logs",
    args: ["host"],
    doing: "reading the log",
    exitCodes: "by-kind",
    flags: LOGS_FLAGS,
    help: REMOTE_HELP.logs,
    load: () => import("./commands/logs.ts"),
  }),
  defineCommand({
    name: "plan",
    args: [],
    doing: "planning",
    exitCodes: "by-kind",
    readsOnly: true,
    flags: PLAN_FLAGS,
    help: `Prints what an installation would do to the drives of this machine: which drives it takes and what they carry
now, every partition with its place, type, label, encryption and mount point, and what is taken down first. It
changes nothing, on any drive or elsewhere, and needs no network but the way to the image server.

  installer -imageServerHostname images.example.com plan -image debian/1 -layout storage-layout.json
  installer plan -json | jq '.drives[] | {name, serial, carries}'
  installer plan -firmware efi

Image, image server and layout come from the files in -tftpDirectory (fetch them with the command
load-configuration-from-tftp) unless flags name them; -tftpDirectory, -imageServerHostname, -driveSelector and
the other common flags stand before the word plan. The drives are chosen as the installation chooses them;
when that fails, all drives are listed, each with the reason why it cannot be used.

The exit code is 0 for a plan that can be carried out, 3 for a wrong configuration or selection, 5 when the image
server cannot be asked, and 6 when the drives or the image do not allow it.

JSON: version, image, firmware, mountBy, drives (name, devicePath, serial, wwn, model, path, transport, sizeBytes,
role, carries, tableType, partitions), fstab, crypttab, commands (drive, purpose, line), release, notes, warnings;
a partition has number (null: the whole drive), startBytes, endBytes, sizeBytes, purpose, type, label, uuid,
encrypted, mountPoint, device and fileSystemDevice.
`,
    load: () => import("./commands/plan.ts"),
  }),
  defineCommand({
    name: "shell",
    args: ["host"],
    doing: "opening a shell",
    exitCodes: "by-kind",
    flags: SHELL_FLAGS,
    help: REMOTE_HELP.shell,
    load: () => import("./commands/shell.ts"),
  }),
  defineCommand({
    name: "status",
    args: ["host"],
    doing: "asking for the status",
    exitCodes: "by-kind",
    flags: STATUS_FLAGS,
    help: REMOTE_HELP.status,
    load: () => import("./commands/status.ts"),
  }),
  defineCommand({
    name: "validate-config",
    args: ["directory"],
    doing: "validating the configuration",
    exitCodes: "by-kind",
    readsOnly: true,
    flags: VALIDATE_FLAGS,
    help: `Checks the configuration files in a directory, as they would be served by TFTP or put on a boot medium:
config.json, storage-layout.json, imagename, imageserver, tools-imagename and random-seed. It needs neither a
network nor the machine that they are for.

  installer validate-config /srv/tftp/host7
  installer -imageServerHostname images validate-config -json . | jq '.problems[].message'

Each problem is one line, FILE:LINE:COLUMN: error|warning: KEY: MESSAGE, which editors can jump to; the last line
counts them. Errors are what an installation would fail on, or what would not come out as it is written; warnings
are keys that nothing reads, and the like. What depends on drives and image is for the command plan to say.

The exit code is 0 without errors and 3 with errors, or when there is no such directory.

JSON: version, directory, errors, warnings, problems (file, line, column, severity, key, message) and values (file,
key, value, and as origin line and column, or "default").
`,
    load: () => import("./commands/validate-config.ts"),
  }),
  defineCommand({
    name: "watch",
    args: ["host"],
    doing: "watching the installation",
    exitCodes: "by-kind",
    flags: WATCH_FLAGS,
    help: REMOTE_HELP.watch,
    load: () => import("./commands/watch.ts"),
  }),
];
