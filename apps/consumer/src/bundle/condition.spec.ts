import { CallError, type CallOutcome } from '@data-aggregator/shared-processing/errors';
import { ADVICE, type Condition, conditionOf, TooLittleSpace, waitAfter } from './condition.ts';

const call = (code: string, outcome: CallOutcome, status?: number) =>
  new CallError('GET', { outcome, code, status });
const system = (code: string) => Object.assign(new Error(code), { code, syscall: 'write' });

it.each<[string, Error, Condition | undefined]>([
  ['a full disk', system('ENOSPC'), 'disk-full'],
  ['a used quota', system('EDQUOT'), 'disk-full'],
  ['too little space', new TooLittleSpace('x'), 'disk-full'],
  ['a read-only disk', system('EROFS'), 'disk-read-only'],
  ['a folder without permission', system('EACCES'), 'disk-read-only'],
  ['a broken disk', system('EIO'), 'disk-failing'],
  ['a refused connection', call('ECONNREFUSED', 'unknown'), 'network'],
  ['a lost response', call('ECONNRESET', 'unknown'), 'network'],
  ['a proxy’s page', call('NotAnAwsResponse', 'unknown', 404), 'network'],
  ['throttling', call('SlowDown', 'throttled', 503), 'throttled'],
  ['an internal error', call('InternalError', 'unknown', 500), 'unavailable'],
  ['a wrong clock', call('RequestTimeTooSkewed', 'refused', 403), 'clock'],
  ['a signature that is too old', call('RequestExpired', 'refused', 400), 'clock'],
  ['a missing permission', call('AccessDenied', 'refused', 403), 'refused'],
  ['expired credentials', call('ExpiredToken', 'refused', 400), 'refused'],
  ['missing credentials', call('CredentialsProviderError', 'unknown'), 'refused'],
  ['an expired sign-in', call('TokenProviderError', 'unknown'), 'refused'],
  ['a missing bucket', call('NoSuchBucket', 'refused', 404), 'refused'],
  ['a missing bundle', call('NoSuchKey', 'refused', 404), undefined],
  ['a fault of the program', new TypeError('x'), undefined],
])('%s', (_, error, expected) => {
  expect(conditionOf(error)).toBe(expected);
  if (expected) expect(ADVICE[expected]).toMatch(/\.$/);
});

it('waits longer after each failure, at most 30 s', () => {
  expect([1, 2, 3, 6, 60].map((failures) => waitAfter(failures, 0.999))).toEqual([
    999, 1999, 3998, 29985, 29985,
  ]);
  expect(waitAfter(1, 0)).toBe(500);
});
