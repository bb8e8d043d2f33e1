import { cleanText, type DeviceBytes, formatLabel, hasText, type Signature } from "./signature.ts";

const KIB = 1024;
const LUKS_MAGIC = "LUKS\xba\xbe";
const SECOND_HEADER_MAGIC = "SKUL\xba\xbe";

/** Where the second header of LUKS2 can start: at the size of the first (LUKS2 on-disk format, section 2.2). */
export const LUKS2_SECOND_HEADERS: readonly number[] = [16, 32, 64, 128, 256, 512, 1024, 2048, 4096].map(
  (size) => size * KIB,
);

/** LUKS1 and LUKS2 headers, the second header of LUKS2 included: cryptsetup restores the first from it. */
export function findLuks(device: DeviceBytes): readonly Signature[] {
  const first = hasText(device, 0, LUKS_MAGIC) ? [0] : [];
  const second = LUKS2_SECOND_HEADERS.filter((place) => hasText(device, place, SECOND_HEADER_MAGIC));
  return [...first, ...second].map((offsetBytes) => {
    const header = device.read(offsetBytes, 72);
    const version = header?.readUInt16BE(6) === 1 ? 1 : 2;
    const label = version === 2 && header !== undefined ? cleanText(header.subarray(24, 72)) : "";
    return { type: "luks", text: `LUKS${version}${formatLabel(label)}`, offsetBytes };
  });
}
