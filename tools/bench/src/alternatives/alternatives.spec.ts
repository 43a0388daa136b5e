import { createHash } from 'node:crypto';
import { createReadStream, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';
import { contentOf, files, keyOf } from '../content.ts';
import { startMeasured } from '../process/measured.ts';
import { type StandIn, startStandIn } from '../stand-in/start.ts';
import { alternativesTo, bundle } from './measure.ts';

const artifact = join(__dirname, '../../../../apps/aggregator/dist/function/index.mjs');
const batch = files(20, 3000, 'json', 'text', 'noise');
const sha256 = (pieces: Iterable<Buffer>) => {
  const hash = createHash('sha256');
  for (const piece of pieces) hash.update(piece);
  return hash.digest('hex');
};
const expected = Object.fromEntries(batch.map((file) => [keyOf(file), sha256(contentOf(file))]));

let standIn: StandIn;
beforeAll(async () => {
  standIn = await startStandIn();
});
afterAll(() => standIn.stop());

/** The SHA-256 of each member of all bundles in a folder, by name. */
async function membersIn(folder: string): Promise<Record<string, string>> {
  const members: Record<string, string> = {};
  for (const name of readdirSync(folder)) {
    const reader = extract();
    createReadStream(join(folder, name)).pipe(createGunzip()).pipe(reader);
    for await (const entry of reader) {
      expect(members).not.toHaveProperty([entry.header.name]);
      const pieces: Buffer[] = [];
      for await (const piece of entry as AsyncIterable<Buffer>) pieces.push(piece);
      members[entry.header.name] = sha256(pieces);
    }
  }
  return members;
}

it.each(alternativesTo(artifact).map((alternative) => [alternative.name, alternative] as const))(
  'the %s bundles every file once, unchanged',
  async (_, alternative) => {
    const folder = mkdtempSync(join(tmpdir(), 'bench-'));
    const measured = await startMeasured({ code: alternative.code, endpoint: standIn.endpoint });
    try {
      const cost = await bundle(batch, alternative, measured, standIn, folder);
      expect(cost.cpuMs).toBeGreaterThan(0);
      await expect(membersIn(folder)).resolves.toEqual(expected);
    } finally {
      await measured.stop();
      rmSync(folder, { recursive: true });
    }
  },
);
