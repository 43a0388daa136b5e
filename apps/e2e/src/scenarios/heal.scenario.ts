import { createRandom } from '@data-aggregator/shared-processing/testing';
import { casesAt, type Scale, short } from '../heal/cases.ts';
import { missed } from '../heal/result.ts';
import { runCase } from '../heal/run-case.ts';
import { sandboxAssembly } from '../workspace.ts';

const silent = {
  phase: () => undefined,
  update: () => undefined,
  note: () => undefined,
  stop: () => undefined,
};
/** As short as a killed invocation's messages allow: they return after 19 s. */
const scale: Scale = {
  ...short,
  kills: 1,
  secondsBetweenKills: 2,
  faultSeconds: 4,
  outageSeconds: 6,
  calmSeconds: 1,
  large: { bytes: 40_000_000, everySeconds: 2, seconds: 4 },
};

describe('files are delivered in time, without dead letters', () => {
  it('while processes die, S3 and the ledger fail, bodies hang, and large files arrive', async () => {
    const signal = AbortSignal.timeout(150_000);
    const results = await Promise.all(
      casesAt(scale).map(async (heal) => {
        const run = { assembly: sandboxAssembly, random: createRandom(1), signal, progress: silent };
        // Five clouds share the machine, so small files are not compared with each other.
        const { p95Ratio: _, ...targets } = heal.targets;
        return { name: heal.name, missed: missed((await runCase(heal, run)).result, targets) };
      }),
    );
    expect(results).toEqual(casesAt(scale).map(({ name }) => ({ name, missed: [] })));
  });
});
