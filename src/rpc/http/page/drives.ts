import type { PlannedDrive, PlannedVolume } from "../../../engine/drives-plan.ts";
import type { Snapshot } from "../../../engine/snapshot.ts";
import { escapeHtml } from "./escape-html.ts";
import { formatAmount, formatDriveSize } from "./format.ts";
import { lockIcon } from "./icons.ts";

/** More drives are drawn as small tiles. */
const MOST_LARGE = 6;

/** The plan of the drives as a drawing to scale; before it is decided, what is known of them stands among the facts. */
export function renderDrives({ status }: Snapshot): string {
  const { plan } = status;
  if (plan === undefined) return "";
  const drives = plan.map(renderDrive).join("\n");
  return `<h2>Plan of the drives</h2>\n<div class="drives${plan.length > MOST_LARGE ? " many" : ""}">${drives}</div>`;
}

function renderDrive(drive: PlannedDrive): string {
  const facts = [drive.model, drive.serial].filter((text) => text !== "").join(" · ");
  const kind = drive.volumes.length === 1 ? "single" : "partitioned";
  return `<article class="drive ${kind}"><header><h3>${escapeHtml(drive.name)}</h3> <span class="tag ${drive.role}">${drive.role}</span> <b>${formatDriveSize(drive.sizeBytes)}</b>${facts === "" ? "" : ` <small>${escapeHtml(facts)}</small>`}</header>
<div class="map" aria-hidden="true">${segmentsOf(drive).map(renderSegment).join("")}</div>
<ul class="volumes">${drive.volumes.map(renderVolume).join("\n")}</ul></article>`;
}

interface Segment {
  /** Undefined: nothing is planned there. */
  readonly volume?: PlannedVolume;
  /** Thousandths of the drive. */
  readonly weight: number;
}

/** Smaller gaps come from alignment and say nothing. */
const LEAST_GAP_SHARE = 0.002;

/** What lies on a drive from its beginning to its end, free places included. */
export function segmentsOf({ sizeBytes, volumes }: PlannedDrive): readonly Segment[] {
  const scale = 1000 / Math.max(1, sizeBytes);
  const segments: Segment[] = [];
  let end = 0;
  const addGap = (until: number): void => {
    if (until - end > sizeBytes * LEAST_GAP_SHARE) segments.push({ weight: (until - end) * scale });
  };
  for (const volume of volumes) {
    addGap(volume.startBytes);
    segments.push({ volume, weight: volume.sizeBytes * scale });
    end = volume.startBytes + volume.sizeBytes;
  }
  addGap(sizeBytes);
  return segments;
}

/** The width is to scale; a least width in the style keeps tiny ones visible. */
function renderSegment({ volume, weight }: Segment): string {
  const grow = `style="flex-grow:${Math.max(0, weight).toFixed(2)}"`;
  if (volume === undefined) return `<i class="free" ${grow}></i>`;
  return `<i class="${colourOf(volume)}" ${grow}><b>${escapeHtml(nameOf(volume))}</b>${volume.isEncrypted ? lockIcon() : ""}</i>`;
}

function renderVolume(volume: PlannedVolume): string {
  const encrypted = volume.isEncrypted ? ` <span class="tag">${lockIcon()}encrypted</span>` : "";
  const facts = [
    volume.number === 0 ? "whole drive" : `partition ${volume.number}`,
    volume.type,
    volume.label === "" ? "" : `label ${volume.label}`,
  ].filter((text) => text !== "");
  return `<li><i class="key ${colourOf(volume)}"></i><b>${escapeHtml(nameOf(volume))}</b>${encrypted} <small>${escapeHtml(facts.join(" · "))}</small><span class="size">${formatAmount(volume.sizeBytes)}</span></li>`;
}

const PURPOSE_NAMES: ReadonlyMap<string, string> = new Map([
  ["swap", "swap"],
  ["bios-boot", "BIOS boot"],
  ["efi", "EFI system"],
]);

function nameOf({ mountPoint, purpose, type }: PlannedVolume): string {
  if (mountPoint !== "") return mountPoint;
  return PURPOSE_NAMES.get(purpose) ?? (purpose === "" ? type : purpose);
}

const COLOURED: ReadonlySet<string> = new Set(["root", "boot", "efi", "bios-boot", "data", "swap"]);

function colourOf({ purpose }: PlannedVolume): string {
  return COLOURED.has(purpose) ? purpose : "other";
}
