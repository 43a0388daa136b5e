import type { Metafile } from 'esbuild';

/** One build held against its budget. */
export interface Weighing {
  name: string;
  /** Largest artifact allowed, in KB of 1,000 bytes. */
  sizeBudgetKb: number;
  metafile: Metafile;
  /** The metafile of the last build that was within budget, where there is one. */
  before: Metafile | undefined;
}

/** How many weights a message names. */
const NAMED = 5;

/** Growth below this is noise of the minifier's short names, in bytes. */
const NOTABLE = 100;

/** The sentence that a build over budget fails with: what weighs most in it, and what grew. Undefined within budget. */
export function budgetError({ name, sizeBudgetKb, metafile, before }: Weighing): string | undefined {
  const size = artifactBytes(metafile);
  if (size <= sizeBudgetKb * 1000) return undefined;
  const weights = weigh(metafile);
  const grown = before === undefined ? [] : growth(weigh(before), weights);
  return [
    `${name} is ${kb(size)}, over the ${kb(sizeBudgetKb * 1000)} of sizeBudgetKb in its function.json.`,
    `It weighs: ${list(weights)}.`,
    ...(grown.length > 0 ? [`It grew by: ${list(new Map(grown))}.`] : []),
  ].join('\n');
}

/** Size of the one `.mjs` file of a build, in bytes. */
export function artifactBytes({ outputs }: Metafile): number {
  return mainOutput(outputs).bytes;
}

/** Bytes in the artifact by npm package, and by file for what is the workspace's own. */
export function weigh({ outputs }: Metafile): Map<string, number> {
  const weights = new Map<string, number>();
  for (const [input, { bytesInOutput }] of Object.entries(mainOutput(outputs).inputs)) {
    const owner = ownerOf(input);
    weights.set(owner, (weights.get(owner) ?? 0) + bytesInOutput);
  }
  return weights;
}

/** What became heavier, the most first, with the bytes it gained. */
export function growth(before: Map<string, number>, now: Map<string, number>): [string, number][] {
  return [...now]
    .map(([owner, bytes]): [string, number] => [owner, bytes - (before.get(owner) ?? 0)])
    .filter(([, gained]) => gained >= NOTABLE)
    .sort(heaviestFirst);
}

function mainOutput(outputs: Metafile['outputs']): Metafile['outputs'][string] {
  const main = Object.entries(outputs).find(([path]) => path.endsWith('.mjs'))?.[1];
  if (main === undefined) throw new Error('The metafile names no .mjs output.');
  return main;
}

/** `node_modules/@aws-sdk/client-s3/dist-es/S3.js` belongs to `@aws-sdk/client-s3`. */
function ownerOf(input: string): string {
  return /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1] ?? input;
}

function list(weights: Map<string, number>): string {
  return [...weights]
    .sort(heaviestFirst)
    .slice(0, NAMED)
    .map(([owner, bytes]) => `${owner} ${kb(bytes)}`)
    .join(', ');
}

function heaviestFirst([a, x]: [string, number], [b, y]: [string, number]): number {
  return y - x || (a < b ? -1 : 1);
}

function kb(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} KB`;
}
