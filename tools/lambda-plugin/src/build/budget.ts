import type { Metafile } from 'esbuild';

/** A build and its size budget. */
export interface BuildSize {
  name: string;
  /** Largest artifact allowed, in KB of 1,000 bytes. */
  sizeBudgetKb: number;
  metafile: Metafile;
  /** The metafile of the last build within budget, if there is one. */
  before: Metafile | undefined;
}

/** Maximum number of packages and files in a message. */
const MAX_LISTED = 5;

/** Smaller growth, in bytes, is noise: the minifier's short names vary. */
const MIN_GROWTH = 100;

/** The error message of a build over budget, with the largest parts and those that grew. Undefined if within budget. */
export function budgetError({ name, sizeBudgetKb, metafile, before }: BuildSize): string | undefined {
  const size = artifactBytes(metafile);
  if (size <= sizeBudgetKb * 1000) return undefined;
  const weights = weigh(metafile);
  const grown = before === undefined ? [] : growth(weigh(before), weights);
  return [
    `${name} is ${kb(size)}, over the ${kb(sizeBudgetKb * 1000)} of sizeBudgetKb in its function.json.`,
    `Largest parts: ${list(weights)}.`,
    ...(grown.length > 0 ? [`Grew by: ${list(new Map(grown))}.`] : []),
  ].join('\n');
}

/** Size of a build's `.mjs` file, in bytes. */
export function artifactBytes({ outputs }: Metafile): number {
  return mainOutput(outputs).bytes;
}

/** Bytes in the artifact per npm package, and per file of the workspace. */
export function weigh({ outputs }: Metafile): Map<string, number> {
  const weights = new Map<string, number>();
  for (const [input, { bytesInOutput }] of Object.entries(mainOutput(outputs).inputs)) {
    const owner = ownerOf(input);
    weights.set(owner, (weights.get(owner) ?? 0) + bytesInOutput);
  }
  return weights;
}

/** Packages and files that grew, with the difference in bytes, largest first. */
export function growth(before: Map<string, number>, now: Map<string, number>): [string, number][] {
  return [...now]
    .map(([owner, bytes]): [string, number] => [owner, bytes - (before.get(owner) ?? 0)])
    .filter(([, gained]) => gained >= MIN_GROWTH)
    .sort(heaviestFirst);
}

function mainOutput(outputs: Metafile['outputs']): Metafile['outputs'][string] {
  const main = Object.entries(outputs).find(([path]) => path.endsWith('.mjs'))?.[1];
  if (main === undefined) throw new Error('The metafile has no .mjs output.');
  return main;
}

/** `node_modules/@aws-sdk/client-s3/dist-es/S3.js` belongs to `@aws-sdk/client-s3`. */
function ownerOf(input: string): string {
  return /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1] ?? input;
}

function list(weights: Map<string, number>): string {
  return [...weights]
    .sort(heaviestFirst)
    .slice(0, MAX_LISTED)
    .map(([owner, bytes]) => `${owner} ${kb(bytes)}`)
    .join(', ');
}

function heaviestFirst([a, x]: [string, number], [b, y]: [string, number]): number {
  return y - x || (a < b ? -1 : 1);
}

function kb(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} KB`;
}
