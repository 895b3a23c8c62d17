/**
 * Where the last item ends that an `iloc` box places in its own file, as an offset; 0 where all are elsewhere. Undefined where the box
 * makes no sense.
 */
export function endOfItems(box: Buffer): number | undefined {
  const fields = new Fields(box);
  const version = fields.take(1) ?? 0;
  fields.take(3);
  const widths = fields.take(2) ?? 0;
  const [offsetBytes, lengthBytes, baseBytes] = [widths >> 12, (widths >> 8) & 15, (widths >> 4) & 15];
  const indexBytes = version > 0 ? widths & 15 : 0;
  if (
    version > 2 ||
    [offsetBytes, lengthBytes, baseBytes, indexBytes].some((bytes) => ![0, 4, 8].includes(bytes))
  )
    return undefined;
  const idBytes = version < 2 ? 2 : 4;
  const items = fields.take(idBytes) ?? 0;
  let end = 0;
  // What makes no sense runs out of bytes soon: each item has some.
  for (let item = 0; item < items && !fields.isOver; item++) {
    fields.take(idBytes);
    const method = version > 0 ? (fields.take(2) ?? 0) & 15 : 0;
    const elsewhere = fields.take(2);
    const base = fields.take(baseBytes) ?? 0;
    const extents = fields.take(2) ?? 0;
    for (let extent = 0; extent < extents && !fields.isOver; extent++) {
      fields.take(indexBytes);
      const from = base + (fields.take(offsetBytes) ?? 0);
      const length = fields.take(lengthBytes) ?? 0;
      if (method === 0 && elsewhere === 0) end = Math.max(end, from + length);
      if (offsetBytes + lengthBytes + indexBytes === 0) break;
    }
  }
  return fields.isOver ? undefined : end;
}

/** Numbers of a box, one after the other. */
class Fields {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** More was taken than there is. */
  get isOver(): boolean {
    return this.#at > this.#bytes.length;
  }

  /** The next number, of up to 8 bytes; undefined past the end. */
  take(bytes: number): number | undefined {
    const at = this.#at;
    this.#at += bytes;
    if (this.isOver) return undefined;
    if (bytes === 8) return Number(this.#bytes.readBigUInt64BE(at));
    return bytes === 0 ? 0 : this.#bytes.readUIntBE(at, bytes);
  }
}
