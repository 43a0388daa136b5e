import { settingsFor, usages } from '@data-aggregator/cost-model/capacity';
import { environmentFile } from './environment-file.ts';
import { scalePlot } from './scale-report.ts';
import { assumed, design, loadOf } from '@data-aggregator/cost-model/testing';

describe('an environment file for a load', () => {
  it('extends an environment with the settings, and says what else the load needs', () => {
    expect(environmentFile('big', 'prod', settingsFor(loadOf(1000), design, assumed)))
      .toBe(`import type { Environment } from './environment.ts';
import { environment as prod } from './prod.ts';

/** This load also needs 5 key prefixes, used evenly by the uploader. \`simulator:load --env-file\` reads it. */
export const alsoNeeded = { queues: 1, landingPrefixes: 5 };

export const environment: Environment = {
  ...prod,
  name: 'big',
  ledger: { warmWritesPerSecond: 13000 },
  functions: {
    ...prod.functions,
    aggregator: { ...prod.functions['aggregator'], batchSize: 500, maxConcurrency: 123 },
  },
};
`);
  });
});

describe('the plot', () => {
  it('has a bar for each limit that breaks, the lowest first', () => {
    const lines = scalePlot(usages(loadOf(10), design, assumed)).split('\n');
    expect(lines[1]).toMatch(/^Mapping, concurrency +█+ 1,0\d\d$/);
    expect(lines).toHaveLength(
      1 + usages(loadOf(10), design, assumed).filter((it) => it.breaksAt < Infinity).length,
    );
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(88);
  });
});
