/** Content of files: JSON records, log lines that compress to a fifth, and incompressible noise. */
export type Kind = 'json' | 'text' | 'noise';

const KINDS: readonly string[] = ['json', 'text', 'noise'] satisfies Kind[];
const BLOCK_BYTES = 1024 ** 2;
/** Number of different contents per kind. Small files differ within a batch; large ones need not. */
const VARIANTS = { json: 1000, text: 4, noise: 4 } satisfies Record<Kind, number>;

/** A file to measure with. Its key contains all properties, so that the stand-in needs no list. */
export interface BenchFile {
  kind: Kind;
  size: number;
  index: number;
}

export function keyOf({ kind, size, index }: BenchFile): string {
  return `${kind}/${size}/${String(index).padStart(6, '0')}.${kind}`;
}

/** Parses a key; undefined if it names no file. */
export function fileOf(key: string): BenchFile | undefined {
  const [, kind, size, index] = /^(\w+)\/(\d+)\/(\d+)\.\w+$/.exec(key) ?? [];
  if (!isKind(kind)) return undefined;
  return { kind, size: Number(size), index: Number(index) };
}

function isKind(text: string | undefined): text is Kind {
  return text !== undefined && KINDS.includes(text);
}

const blocks = new Map<string, Buffer>();

/** The content in pieces of up to 1 MiB. Large files repeat one piece, at a distance beyond a compressor's window. */
export function* contentOf({ kind, size, index }: BenchFile): Generator<Buffer> {
  const length = Math.min(size, BLOCK_BYTES);
  const variant = index % VARIANTS[kind];
  const name = `${kind}/${length}/${variant}`;
  let block = blocks.get(name);
  if (!block) blocks.set(name, (block = makers[kind](length, randomBy(variant + 1))));
  for (let left = size; left > 0; left -= length) yield left < length ? block.subarray(0, left) : block;
}

type Random = () => number;

/** Seeded random integers in [0, 2³²) (xorshift32). */
function randomBy(seed: number): Random {
  let state = Math.imul(seed, 0x9e3779b1) | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

const makers: Record<Kind, (bytes: number, random: Random) => Buffer> = {
  json: (bytes, random) => {
    const reading = () => ({
      at: new Date(1_795_000_000_000 + (random() % 86_400_000)).toISOString(),
      sensor: `s-${random() % 5000}`,
      value: (random() % 100_000) / 1000,
      unit: ['kPa', 'K', 'lx'][random() % 3],
      ok: random() % 50 > 0,
    });
    return filled(bytes, () => `${JSON.stringify(reading())}\n`);
  },
  text: (bytes, random) => {
    const word = () => WORDS[random() % WORDS.length] ?? '';
    const line = () =>
      `2026-11-22T09:${String(random() % 60).padStart(2, '0')}Z ${word()} ${word()} ${word()} id=${random().toString(16)} ${word()} ${word()}\n`;
    return filled(bytes, line);
  },
  noise: (bytes, random) => {
    const noise = Buffer.allocUnsafe(bytes);
    for (let at = 0; at < bytes; at += 1) noise[at] = random() >>> 11;
    return noise;
  },
};

const WORDS = (
  'accepted archive batch bundle claim closed connection consumer deadline delivered error expired gateway ' +
  'handler invoice ledger manifest message missing object order parcel payment pending queue received refused ' +
  'request response retry route sequence session shipment started stored table timeout updated version warehouse'
).split(' ');

function filled(bytes: number, line: () => string): Buffer {
  const lines: string[] = [];
  for (let length = 0; length < bytes;) {
    const next = line();
    lines.push(next);
    length += next.length;
  }
  return Buffer.from(lines.join('')).subarray(0, bytes);
}

export const KB = 1000;
export const MB = 1_000_000;

/** Files of one kind, or of several kinds alternately. */
export function files(count: number, size: number, ...kinds: [Kind, ...Kind[]]): BenchFile[] {
  return Array.from({ length: count }, (_, index) => {
    const kind = kinds[index % kinds.length] ?? kinds[0];
    return { kind, size, index };
  });
}

/** Splits files into batches of at most `max`. */
export function batchesOf(all: readonly BenchFile[], max: number): BenchFile[][] {
  const batches: BenchFile[][] = [];
  for (let from = 0; from < all.length; from += max) batches.push(all.slice(from, from + max));
  return batches;
}
