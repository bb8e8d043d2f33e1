import { randomUUID } from "node:crypto";
import { rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Drive } from "../../../src/storage/drives/drives.ts";
import { run } from "../../support/scratch.ts";

/** A loop device of our own over a sparse file; disposing detaches it and removes the file. `original`: a file to copy first. */
export class LoopDrive implements Disposable {
  readonly file = join(tmpdir(), `loop-drive-${randomUUID()}.img`);
  readonly drive: Drive;

  constructor(name: string, sizeBytes: number, sectorBytes = 512, original?: string) {
    if (original === undefined) writeFileSync(this.file, "");
    else run("cp", ["--sparse=always", "--reflink=auto", original, this.file]);
    truncateSync(this.file, sizeBytes);
    const options = ["-P", "-b", String(sectorBytes), "--show", "-f", this.file];
    const devicePath = run("losetup", options).trim();
    this.drive = {
      name: devicePath.slice("/dev/".length),
      devicePath,
      sizeBytes,
      logicalSectorBytes: sectorBytes,
      physicalSectorBytes: sectorBytes,
      rotational: false,
      transport: "unknown",
      model: "loop",
      serial: name,
      wwn: "",
      path: "",
      busLocation: name,
    };
  }

  partition(number: number): string {
    return `${this.drive.devicePath}p${number}`;
  }

  /** Makes the file what the device is. */
  flush(): void {
    run("blockdev", ["--flushbufs", this.drive.devicePath]);
  }

  [Symbol.dispose](): void {
    run("losetup", ["-d", this.drive.devicePath]);
    rmSync(this.file);
  }
}
