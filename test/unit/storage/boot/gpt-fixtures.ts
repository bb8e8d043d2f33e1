/** Header and first entries as `parted -a optimal mklabel gpt mkpart primary fat32 1MiB 129MiB …` wrote them. */
export interface RecordedGpt {
  readonly sectorBytes: number;
  readonly header: Buffer;
  readonly entries: readonly Buffer[];
}

const ESP_TYPE = "28732ac11ff8d211ba4b00a0c93ec93b";
const LINUX_TYPE = "af3dc60f838472478e793d69d8477de4";
const NAME_PRIMARY = "7000720069006d00610072007900";

export const GPT_512: RecordedGpt = {
  sectorBytes: 512,
  header: Buffer.from(
    "4546492050415254000001005c0000006db7d8f5000000000100000000000000ff5f0900000000002200000000000000" +
      "de5f09000000000047c4c2e48306684c930af90e8ace005402000000000000008000000080000000a4eabd94",
    "hex",
  ),
  entries: [
    entry(ESP_TYPE, "389fb0823951cc4181fc6decd2ea859b", "0008000000000000ff07040000000000"),
    entry(LINUX_TYPE, "cbb93c01f3da3646ba54f2459d03fae0", "0008040000000000ff57090000000000"),
  ],
};

export const GPT_4096: RecordedGpt = {
  sectorBytes: 4096,
  header: Buffer.from(
    "4546492050415254000001005c0000008421838f000000000100000000000000ff2b0100000000000600000000000000" +
      "fa2b01000000000032f518b4a96c2f448b058ad6cbf9c3b90200000000000000800000008000000010783f25",
    "hex",
  ),
  entries: [
    entry(ESP_TYPE, "9075ea13bbac21458a955df32ccc87f4", "0001000000000000ff80000000000000"),
    entry(LINUX_TYPE, "8fe96b519db21546824701781499bef0", "0081000000000000ff2a010000000000"),
  ],
};

/** The beginning of the drive: protective MBR (empty here), header, 128 entries. */
export function gptDrive({ sectorBytes, header, entries }: RecordedGpt): Buffer {
  const drive = Buffer.alloc(2 * sectorBytes + 128 * 128);
  drive.set(header, sectorBytes);
  drive.set(Buffer.concat(entries), 2 * sectorBytes);
  return drive;
}

function entry(type: string, guid: string, place: string): Buffer {
  const bytes = Buffer.alloc(128);
  bytes.set(Buffer.from(`${type}${guid}${place}0000000000000000${NAME_PRIMARY}`, "hex"));
  return bytes;
}
