import { CallError } from '../errors/index.ts';
import { manualClock } from '../testing/index.ts';
import { backoffMs, mapConcurrently, systemClock, withRetries } from './index.ts';

describe('withRetries', () => {
  const failing = (outcome: 'refused' | 'throttled' | 'unknown', times: number) => {
    let calls = 0;
    const call = jest.fn(async () => {
      if (++calls <= times) throw new CallError('call', { outcome, code: 'X' });
      return 'well';
    });
    return call;
  };
  const rules = () => ({ clock: manualClock(), random: () => 0.5 });

  it.each(['throttled', 'unknown'] as const)('retries when the outcome is %s', async (outcome) => {
    await expect(withRetries(failing(outcome, 3), rules())).resolves.toBe('well');
  });

  it('does not retry a refusal', async () => {
    const call = failing('refused', 1);
    await expect(withRetries(call, rules())).rejects.toThrow('refused');
    expect(call).toHaveBeenCalledTimes(1);
  });

  it('throws after the last attempt', async () => {
    const call = failing('unknown', 9);
    await expect(withRetries(call, { ...rules(), attempts: 3 })).rejects.toThrow(CallError);
    expect(call).toHaveBeenCalledTimes(3);
  });

  it('stops when the signal aborts', async () => {
    const call = failing('unknown', 9);
    await expect(withRetries(call, { ...rules(), signal: AbortSignal.abort() })).rejects.toThrow(CallError);
    expect(call).toHaveBeenCalledTimes(1);
  });

  it('waits longer after each attempt, and longest when throttled', () => {
    const error = (outcome: 'throttled' | 'unknown') => new CallError('call', { outcome, code: 'X' });
    expect(backoffMs(error('unknown'), 1, () => 0.5)).toBe(50);
    expect(backoffMs(error('unknown'), 3, () => 0.5)).toBe(200);
    expect(backoffMs(error('throttled'), 1, () => 0.5)).toBe(250);
    expect(backoffMs(error('throttled'), 20, () => 0.999)).toBeLessThan(5_000);
  });
});

describe('mapConcurrently', () => {
  it('keeps the order of the items, and stays within the limit', async () => {
    let running = 0;
    let most = 0;
    const results = await mapConcurrently([5, 1, 3, 2, 4], 2, async (n) => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, n));
      running--;
      return n * 10;
    });
    expect(results).toEqual([50, 10, 30, 20, 40]);
    expect(most).toBe(2);
  });

  it('waits for running items before it throws, and starts no more', async () => {
    const started: number[] = [];
    let ended = false;
    const all = mapConcurrently([1, 2, 3, 4], 2, async (n) => {
      started.push(n);
      if (n === 1) throw new Error('first');
      await new Promise((resolve) => setTimeout(resolve, 10));
      ended = true;
    });
    await expect(all).rejects.toThrow('first');
    expect(ended).toBe(true);
    expect(started).toEqual([1, 2]);
  });
});

describe('systemClock', () => {
  it('returns a signal for a fraction of a millisecond, as Lambda’s deadlines have', async () => {
    const signal = systemClock.signalAt(Date.now() + 5.25);
    expect(signal.aborted).toBe(false);
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
  });

  it('ends a sleep when the signal aborts', async () => {
    const began = Date.now();
    await systemClock.sleep(60_000, AbortSignal.timeout(5));
    expect(Date.now() - began).toBeLessThan(5_000);
  });
});
