import { manualClock } from '../testing/index.ts';
import {
  backoffMs,
  CallError,
  mapConcurrently,
  FOREIGN_RESPONSE,
  responseError,
  systemClock,
  toCallError,
  withRetries,
} from './index.ts';

/** An error as SDK clients throw it for a service's error document. */
const sdkError = (name: string, status?: number, code?: string) =>
  Object.assign(new Error('from the SDK'), {
    name,
    code,
    ...(status !== undefined && { $fault: 'client', $metadata: { httpStatusCode: status, requestId: 'id' } }),
  });

describe('toCallError', () => {
  it.each([
    ['NoSuchKey', 404, 'refused'],
    ['AccessDenied', 403, 'refused'],
    ['SlowDown', 503, 'throttled'],
    ['ProvisionedThroughputExceededException', 400, 'throttled'],
    ['InternalError', 500, 'unknown'],
    ['ServiceUnavailable', 503, 'unknown'],
    ['TimeoutError', undefined, 'unknown'],
  ] as const)('reads %s (%s) as %s', (name, status, outcome) => {
    expect(toCallError('GET a/b', sdkError(name, status))).toMatchObject({ outcome, code: name, status });
  });

  it('names the system error behind a lost connection', () => {
    expect(toCallError('GET a/b', sdkError('Error', undefined, 'ECONNRESET'))).toMatchObject({
      outcome: 'unknown',
      code: 'ECONNRESET',
    });
  });

  it('keeps the cause', () => {
    const cause = sdkError('NoSuchKey', 404);
    expect(toCallError('GET a/b', cause).cause).toBe(cause);
  });

  it.each([
    [403, 'AccessDenied'],
    [404, 'NotFound'],
  ])('reads a HEAD response of S3 by its status: %i', (status, code) => {
    expect(toCallError('HEAD a/b', sdkError('UnknownError', status))).toMatchObject({
      outcome: 'refused',
      code,
    });
  });

  it.each([403, 404])('does not believe a response that carries no request id: %i', (status) => {
    const error = Object.assign(sdkError('NotFound', status), { $metadata: { httpStatusCode: status } });
    expect(toCallError('HEAD a/b', error)).toMatchObject({ outcome: 'unknown', code: FOREIGN_RESPONSE });
  });

  it('does not believe a body that is no AWS document', () => {
    const error = Object.assign(new SyntaxError('bad XML'), {
      $metadata: { httpStatusCode: 404, requestId: 'id' },
    });
    expect(toCallError('GET a/b', error)).toMatchObject({ outcome: 'unknown', code: FOREIGN_RESPONSE });
  });
});

describe('responseError', () => {
  it.each([
    [503, 'SlowDown', false, 'throttled', 'SlowDown'],
    [403, undefined, true, 'refused', 'AccessDenied'],
    [404, undefined, true, 'refused', 'NotFound'],
    [403, undefined, false, 'unknown', FOREIGN_RESPONSE],
    [404, undefined, false, 'unknown', FOREIGN_RESPONSE],
    [502, undefined, true, 'unknown', 'HTTP 502'],
  ])('%i with code %s (AWS headers: %s) is %s', (status, given, isAws, outcome, code) => {
    expect(responseError('GET a/b', { status, code: given, isAws })).toMatchObject({ outcome, code, status });
  });
});

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

  it.each(['throttled', 'unknown'] as const)('tries again what was %s', async (outcome) => {
    await expect(withRetries(failing(outcome, 3), rules())).resolves.toBe('well');
  });

  it('takes a refusal for an answer', async () => {
    const call = failing('refused', 1);
    await expect(withRetries(call, rules())).rejects.toThrow('refused');
    expect(call).toHaveBeenCalledTimes(1);
  });

  it('gives up after its attempts', async () => {
    const call = failing('unknown', 9);
    await expect(withRetries(call, { ...rules(), attempts: 3 })).rejects.toThrow(CallError);
    expect(call).toHaveBeenCalledTimes(3);
  });

  it('stops when it is told to', async () => {
    const call = failing('unknown', 9);
    await expect(withRetries(call, { ...rules(), signal: AbortSignal.abort() })).rejects.toThrow(CallError);
    expect(call).toHaveBeenCalledTimes(1);
  });

  it('waits longer each time, and longest when throttled', () => {
    const error = (outcome: 'throttled' | 'unknown') => new CallError('call', { outcome, code: 'X' });
    expect(backoffMs(error('unknown'), 1, () => 0.5)).toBe(50);
    expect(backoffMs(error('unknown'), 3, () => 0.5)).toBe(200);
    expect(backoffMs(error('throttled'), 1, () => 0.5)).toBe(250);
    expect(backoffMs(error('throttled'), 20, () => 0.999)).toBeLessThan(5_000);
  });
});

describe('concurrently', () => {
  it('keeps the order of the items, within its limit', async () => {
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

  it('waits for what is running before it throws, and starts nothing more', async () => {
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
  it('gives a signal for a moment between two milliseconds, as Lambda tells them', async () => {
    const signal = systemClock.signalAt(Date.now() + 5.25);
    expect(signal.aborted).toBe(false);
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
  });

  it('wakes a sleeper when its signal says so', async () => {
    const began = Date.now();
    await systemClock.sleep(60_000, AbortSignal.timeout(5));
    expect(Date.now() - began).toBeLessThan(5_000);
  });
});
