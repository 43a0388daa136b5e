import { manualClock } from '@data-aggregator/shared-processing/testing';
import { createPace, hasAllTime, mayBegin, timeBudget } from './time-budget.ts';

describe('timeBudget', () => {
  it('reserves time to publish and to respond, but never much of a short invocation', () => {
    expect(timeBudget(0, 300_000)).toEqual({
      start: 0,
      buildUntil: 280_000,
      publishUntil: 290_000,
      answerUntil: 295_000,
      deadline: 300_000,
    });
    expect(timeBudget(0, 10_000)).toEqual({
      start: 0,
      buildUntil: 7_000,
      publishUntil: 8_500,
      answerUntil: 9_250,
      deadline: 10_000,
    });
  });
});

describe('hasAllTime', () => {
  it('allows a tenth of the time to build for what precedes the bundle', () => {
    const clock = manualClock();
    const budget = timeBudget(clock.now(), clock.now() + 300_000);
    clock.advance(28_000);
    expect(hasAllTime(budget, clock)).toBe(true);
    clock.advance(1);
    expect(hasAllTime(budget, clock)).toBe(false);
  });
});

describe('mayBegin', () => {
  const MB = 1_000_000;
  const large = { bytes: 300 * MB, members: 1 };

  it('always starts the first bundle, so that every batch makes progress', () => {
    const clock = manualClock();
    const budget = timeBudget(clock.now(), clock.now() + 10_000);
    expect(mayBegin({ ...large, isFirst: true }, budget, createPace(), clock)).toBe(true);
    expect(mayBegin({ ...large, isFirst: false }, budget, createPace(), clock)).toBe(false);
  });

  it('starts another bundle if its members, at 4 ms each, fit into the time left', () => {
    const clock = manualClock();
    const budget = timeBudget(clock.now(), clock.now() + 60_000);
    const ofEmptyFiles = (members: number) =>
      mayBegin({ bytes: 0, members, isFirst: false }, budget, createPace(), clock);
    // 42 s to build, less 0.5 s for the bundle itself.
    expect(ofEmptyFiles(41_500 / 4)).toBe(true);
    expect(ofEmptyFiles(41_500 / 4 + 1)).toBe(false);
  });

  it('learns how long a bundle takes', () => {
    const clock = manualClock();
    const budget = timeBudget(clock.now(), clock.now() + 60_000);
    const pace = createPace();
    pace.learn(300 * MB, 1, 5_000);
    expect(mayBegin({ ...large, isFirst: false }, budget, pace, clock)).toBe(true);
    pace.learn(300 * MB, 1, 90_000);
    expect(mayBegin({ ...large, isFirst: false }, budget, pace, clock)).toBe(false);
  });

  it('starts nothing once time is up', () => {
    const clock = manualClock();
    const budget = timeBudget(clock.now(), clock.now() + 10_000);
    clock.advance(7_000);
    expect(mayBegin({ bytes: 0, members: 1, isFirst: true }, budget, createPace(), clock)).toBe(false);
  });
});
