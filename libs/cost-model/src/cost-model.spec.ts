import { filesPerBatch, line, priced, pricesByRegion, totalUsd } from './index.ts';

describe('an average batch', () => {
  const at = (filesPerDay: number, limits: { batchSize?: number } = {}) =>
    filesPerBatch(
      { filesPerDay, avgKb: 10, compressRatio: 4, months: 12 },
      { pollers: 5 },
      { batchSize: 2000, batchWindowSeconds: 20, ...limits },
    );

  it.each([
    ['the files that arrive at one poller within the window', at(864_000), 40],
    ['the batch size, if more files arrive', at(86_400_000, { batchSize: 1000 }), 1000],
    [
      'the number of notifications in 6 MB, if the batch size is larger',
      at(864_000_000, { batchSize: 10_000 }),
      2500,
    ],
    ['one file, if fewer arrive', at(100), 1],
  ])('is %s', (_what, batch, expected) => {
    expect(batch).toBe(expected);
  });
});

it('prices lines, and adds them up', () => {
  const price = pricesByRegion['us-east-1'].s3PutPer1000;
  const lines = [line('S3', 'uploads', 3_000_000, price, 1000), line('S3', 'listings', 1_000, price, 1000)];
  expect(lines.map(({ quantity }) => quantity)).toEqual([3_000, 1]);
  expect(totalUsd(lines)).toBeCloseTo(15.005, 9);
});

describe.each(Object.entries(pricesByRegion))('prices of %s', (_region, table) => {
  it.each(priced)('%s is positive and has a source and a date', (name) => {
    expect(table[name]).toMatchObject({
      source: expect.stringMatching(/^https:\/\//),
      date: expect.stringMatching(/^20\d\d(-\d\d)?$/),
    });
    expect(table[name].usd).toBeGreaterThan(0);
  });
});
