import { hash } from 'node:crypto';
import type { Random } from '@data-aggregator/shared-processing/testing';
import type { OutgoingObject } from '@data-aggregator/pipeline-client';

/** Share of files with their own bundle, so that large, streamed bodies are cut too. */
const LARGE_SHARE = 0.002;
const LARGE_BYTES = 34 * 1024 ** 2;
const MAX_SMALL_BYTES = 20_000;

/** The files of a chaos run: small ones of any size, empty ones, a few large, some keys overwritten. */
export function* chaosFiles(count: number, random: Random): Generator<OutgoingObject> {
  for (let number = 0; number < count; number++) {
    const overwrites = number > 0 && random.chance(0.02);
    const key = `chaos/${overwrites ? random.below(number) : number} +%2F.txt`;
    const size = random.chance(LARGE_SHARE) ? LARGE_BYTES : random.below(MAX_SMALL_BYTES);
    const body = Buffer.alloc(size, `file ${number} `);
    // Starts with incompressible bytes, so that all bundles differ and misplaced bytes show.
    for (let at = 0; at < Math.min(size, 256); at++) body[at] = random.below(256);
    yield { key, body, size, sha256: hash('sha256', body) };
  }
}
