import { manualClock } from '@data-aggregator/shared-processing/testing';
import { reportEvents } from '../testing/report-events.ts';
import { createTrouble, type Stage } from './trouble.ts';

const { signal } = new AbortController();

function troubled() {
  const clock = manualClock();
  const { report, events } = reportEvents();
  const trouble = createTrouble(report, clock, () => 0);
  return { trouble, clock, events, figures: report.figures, names: () => events.map(({ event }) => event) };
}

const lost = new Error('connection lost');
const full = new Error('no space');

it('is one line when a condition begins and one when it ends, however often the work fails meanwhile', () => {
  const { trouble, clock, events, figures } = troubled();
  for (let failure = 1; failure <= 3; failure++) {
    trouble.enter('bundle', 'network', lost);
    clock.advance(10_000);
    expect(trouble).toMatchObject({ condition: 'network', failures: failure });
    expect(figures.condition).toBe('network');
  }
  trouble.succeeded('bundle');
  trouble.succeeded('bundle');
  expect(events).toEqual([
    { level: 'warn', event: 'stopped.network', detail: 'connection lost', advice: expect.any(String) },
    { level: 'info', event: 'continued.network', seconds: 30 },
  ]);
  expect(trouble).toMatchObject({ condition: undefined, failures: 0 });
  expect(figures.condition).toBeUndefined();
});

it.each<[Stage, Stage]>([
  ['listing', 'bundle'],
  ['bundle', 'listing'],
  ['queue', 'listing'],
])('at the stage "%s" does not end when something succeeds at the stage "%s"', (stage, other) => {
  const { trouble, names } = troubled();
  trouble.enter(stage, 'network', lost);
  trouble.succeeded(other);
  expect(trouble).toMatchObject({ condition: 'network', failures: 1 });
  expect(names()).toEqual(['stopped.network']);
});

it('ends when something succeeds where it showed last', () => {
  const { trouble, names } = troubled();
  trouble.enter('listing', 'network', lost);
  trouble.enter('bundle', 'network', lost);
  trouble.succeeded('listing');
  expect(names()).toEqual(['stopped.network']);
  trouble.succeeded('bundle');
  expect(names()).toEqual(['stopped.network', 'continued.network']);
});

it('lets messages be received, which would end it, only if it is that of the queue', () => {
  const { trouble } = troubled();
  expect(trouble.mayReceive).toBe(true);
  trouble.enter('queue', 'refused', lost);
  expect(trouble.mayReceive).toBe(true);
  trouble.enter('bundle', 'disk-full', full);
  expect(trouble.mayReceive).toBe(false);
  trouble.succeeded('bundle');
  expect(trouble.mayReceive).toBe(true);
});

it('begins and ends each of several conditions once, although they alternate', () => {
  const { trouble, clock, events, figures } = troubled();
  for (let round = 1; round <= 3; round++) {
    trouble.enter('bundle', 'disk-full', full);
    clock.advance(1_000);
    trouble.enter('listing', 'network', lost);
    clock.advance(1_000);
  }
  expect(figures.condition).toBe('network');
  trouble.succeeded('listing');
  expect(trouble).toMatchObject({ condition: 'disk-full', failures: 6 });
  expect(figures.condition).toBe('disk-full');
  trouble.succeeded('bundle');
  expect(trouble).toMatchObject({ condition: undefined, failures: 0 });
  expect(figures.condition).toBeUndefined();
  expect(events.map(({ event, seconds }) => [event, seconds])).toEqual([
    ['stopped.disk-full', undefined],
    ['stopped.network', undefined],
    ['continued.network', 5],
    ['continued.disk-full', 6],
  ]);
});

it('waits longer each time in a row, at most half a minute, however much fails meanwhile', async () => {
  const { trouble, clock } = troubled();
  const wait = async () => {
    const before = clock.now();
    await trouble.wait(signal);
    return clock.now() - before;
  };
  const waits: number[] = [];
  for (let round = 1; round <= 7; round++) {
    for (let bundle = 1; bundle <= 4; bundle++) trouble.enter('bundle', 'throttled', lost);
    waits.push(await wait());
    expect(trouble.waits).toBe(round);
  }
  // The random number is 0, so these are halves.
  expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000]);
  trouble.succeeded('bundle');
  expect(trouble.waits).toBe(0);
  trouble.enter('bundle', 'throttled', lost);
  await expect(wait()).resolves.toBe(500);
});

it('ends a wait when the signal aborts', async () => {
  const clock = { ...manualClock(), sleep: jest.fn(() => Promise.resolve()) };
  const trouble = createTrouble(reportEvents().report, clock, () => 0);
  trouble.enter('listing', 'network', lost);
  await trouble.wait(signal);
  expect(clock.sleep).toHaveBeenCalledWith(500, signal);
});
