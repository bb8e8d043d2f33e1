const PAGE_BYTES = 4096;
const ZEROES = Buffer.alloc(PAGE_BYTES);

/** The content of a drive of any size, of which little is written: pages of zeroes are not kept. */
export class SparseDevice {
  readonly sizeBytes: number;
  readonly #pages = new Map<number, Buffer>();

  constructor(sizeBytes: number) {
    this.sizeBytes = sizeBytes;
  }

  /** Fewer bytes only at the end. */
  read(offsetBytes: number, lengthBytes: number): Buffer {
    const length = Math.max(0, Math.min(lengthBytes, this.sizeBytes - offsetBytes));
    const result = Buffer.alloc(length);
    for (const { page, from, to, at } of pagesOf(offsetBytes, length))
      this.#pages.get(page)?.copy(result, at, from, to);
    return result;
  }

  write(offsetBytes: number, content: Uint8Array): void {
    const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
    for (const { page, from, to, at } of pagesOf(offsetBytes, bytes.byteLength)) {
      const part = bytes.subarray(at, at + to - from);
      const old = this.#pages.get(page);
      if (old === undefined && part.equals(ZEROES.subarray(0, part.byteLength))) continue;
      const changed = old ?? Buffer.alloc(PAGE_BYTES);
      part.copy(changed, from);
      if (changed.equals(ZEROES)) this.#pages.delete(page);
      else this.#pages.set(page, changed);
    }
  }
}

interface PagePart {
  readonly page: number;
  readonly from: number;
  readonly to: number;
  /** Where the part lies in what is read or written. */
  readonly at: number;
}

function* pagesOf(offsetBytes: number, lengthBytes: number): Generator<PagePart> {
  const end = offsetBytes + lengthBytes;
  for (let offset = offsetBytes; offset < end; ) {
    const page = Math.floor(offset / PAGE_BYTES);
    const from = offset - page * PAGE_BYTES;
    const to = Math.min(PAGE_BYTES, end - page * PAGE_BYTES);
    yield { page, from, to, at: offset - offsetBytes };
    offset += to - from;
  }
}
