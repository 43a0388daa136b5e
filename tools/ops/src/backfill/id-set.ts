/** Bytes of an object id; see `objectIdOf`. */
const ID_BYTES = 16;
const FIRST_CAPACITY = 1024;

/**
 * A set of object ids, at most 43 bytes each: a `Set` of texts takes over 100 bytes each, and holds at most 16.7 million.
 */
export class IdSet {
  /** Open addressing; a slot of zeros is empty. Ids are hashes, so their first bytes spread evenly. */
  #slots = Buffer.alloc(FIRST_CAPACITY * ID_BYTES);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** @param id in base64url, as `objectIdOf` writes it */
  add(id: string): void {
    if ((this.#size + 1) * 4 > (this.#slots.length / ID_BYTES) * 3) this.#grow();
    if (put(this.#slots, bytesOf(id))) this.#size++;
  }

  has(id: string): boolean {
    const bytes = bytesOf(id);
    return isAt(this.#slots, slotOf(this.#slots, bytes), bytes);
  }

  #grow(): void {
    const before = this.#slots;
    this.#slots = Buffer.alloc(before.length * 2);
    for (let at = 0; at < before.length; at += ID_BYTES) {
      const id = before.subarray(at, at + ID_BYTES);
      if (!isEmpty(before, at)) put(this.#slots, id);
    }
  }
}

function bytesOf(id: string): Buffer {
  const bytes = Buffer.from(id, 'base64url');
  if (bytes.length !== ID_BYTES) throw new Error(`"${id}" is not an object id`);
  return bytes;
}

/** The place of an id, or the empty slot where it belongs. */
function slotOf(slots: Buffer, id: Buffer): number {
  const capacity = slots.length / ID_BYTES;
  let slot = id.readUIntBE(0, 6) % capacity;
  while (!isEmpty(slots, slot * ID_BYTES) && !isAt(slots, slot * ID_BYTES, id)) slot = (slot + 1) % capacity;
  return slot * ID_BYTES;
}

/** @returns whether the id is new */
function put(slots: Buffer, id: Buffer): boolean {
  const at = slotOf(slots, id);
  if (isAt(slots, at, id)) return false;
  id.copy(slots, at);
  return true;
}

function isAt(slots: Buffer, at: number, id: Buffer): boolean {
  return slots.compare(id, 0, ID_BYTES, at, at + ID_BYTES) === 0;
}

function isEmpty(slots: Buffer, at: number): boolean {
  return slots.readBigUInt64LE(at) === 0n && slots.readBigUInt64LE(at + 8) === 0n;
}
