import type { Command } from "../system/commands.ts";

/** `command` run inside the tools root, when there is one. */
export function inRoot(command: Command, root: string | undefined): Command {
  return root === undefined ? command : { ...command, chroot: root };
}
