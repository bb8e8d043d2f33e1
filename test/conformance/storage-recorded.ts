import type { MachineEvent, PhasedEvents } from "./storage-events.ts";
import type { RecordedEvent, StorageExpectation } from "./storage-vector.ts";

/** What the original did, as events; unmounts of what was not mounted are left out. */
export function recordedEvents(expected: StorageExpectation): PhasedEvents {
  const drives = Object.values(expected.drives ?? {});
  const closes = expected.unmount_luksClose_beforeMountPoint ?? [];
  return {
    before: toEvents(expected.before),
    making: [
      ...drives.flatMap(({ start, partitions }) => [
        ...toEvents(start),
        ...Object.values(partitions ?? {}).flatMap((events) => toEvents(events)),
      ]),
      ...drives.flatMap(({ finish }) => toEvents(finish)),
      ...drives.flatMap(({ kexec }) => toEvents(kexec === undefined ? [] : [kexec])),
    ],
    end: toEvents([...(expected.unmount ?? []), ...closes]),
  };
}

function toEvents(events: readonly RecordedEvent[] = []): readonly MachineEvent[] {
  return events.flatMap(toEvent);
}

function toEvent(event: RecordedEvent): readonly MachineEvent[] {
  const { run, chroot, mount, bind, on = "", type = "", unmount, erase, result } = event;
  const fails = event.fails === true || (result !== undefined && result !== "ok");
  if (run !== undefined)
    return [{ kind: "run", argv: run, fails, ...(chroot === undefined ? {} : { chroot }) }];
  if (mount !== undefined) return [{ kind: "mount", source: mount, on, type, fails }];
  if (bind !== undefined) return [{ kind: "mount", source: bind, on, type: "bind", fails }];
  if (unmount !== undefined) return fails ? [] : [{ kind: "unmount", on: unmount }];
  if (erase !== undefined) return [{ kind: "zero", device: erase, at: "start", bytes: 65536 }];
  throw new Error(`an event of unknown kind: ${JSON.stringify(event)}`);
}
