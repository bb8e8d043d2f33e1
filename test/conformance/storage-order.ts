import { parseCommand } from "./storage-commands.ts";
import type { MachineEvent } from "./storage-events.ts";

const ERASED_BYTES = 65536;

/** Which drive or volume still has old content at an end when something is made on it; undefined when none has. */
export function findEraseFault(events: readonly MachineEvent[]): string | undefined {
  const erased = new Set<string>();
  for (const event of events) {
    if (event.kind === "zero" && event.bytes >= ERASED_BYTES) erased.add(`${event.device} ${event.at}`);
    if (event.kind !== "run") continue;
    const command = parseCommand(event.argv, event.chroot);
    // Old content may come back after a discard.
    if (command.kind === "discard" && event.fails !== true)
      for (const end of ["start", "end"]) erased.delete(`${command.device} ${end}`);
    if (!["table", "encrypt", "make"].includes(command.kind) || !("device" in command)) continue;
    const { device } = command;
    // What an encrypted volume shows is noise, nothing old.
    if (device.startsWith("/dev/mapper/")) continue;
    const left = ["start", "end"].find((end) => !erased.has(`${device} ${end}`));
    if (left !== undefined) return `the ${left} of ${device} is not erased before ${command.kind}`;
  }
  return undefined;
}

/** What comes after the boot loader, or before what it has to follow; undefined when nothing does. */
export function findOrderFault(events: readonly MachineEvent[]): string | undefined {
  const at = events.findIndex(
    (event) => event.kind === "run" && parseCommand(event.argv, event.chroot).kind === "boot loader",
  );
  if (at < 0) return undefined;
  const late = events.slice(at + 1).find((event) => {
    if (event.kind === "mount") return true;
    if (event.kind === "file") return /^\/mnt\/(etc|boot)\//.test(event.path);
    if (event.kind !== "run") return false;
    return !["kexec", "close", "other"].includes(parseCommand(event.argv, event.chroot).kind);
  });
  return late === undefined ? undefined : `after the boot loader: ${JSON.stringify(late)}`;
}

/** Mappings that are closed while their file-system is still mounted. */
export function findCloseFault(events: readonly MachineEvent[]): string | undefined {
  const mounted = new Map<string, string>();
  for (const event of events) {
    if (event.kind === "mount" && event.fails !== true) mounted.set(event.on, event.source);
    if (event.kind === "unmount") mounted.delete(event.on);
    if (event.kind !== "run") continue;
    const command = parseCommand(event.argv, event.chroot);
    if (command.kind === "close" && [...mounted.values()].includes(`/dev/mapper/${command.mapping}`))
      return `${command.mapping} is closed while it is mounted`;
  }
  return undefined;
}
