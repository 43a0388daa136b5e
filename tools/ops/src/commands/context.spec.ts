import { InvalidArgumentError } from 'commander';
import { count, group, time } from './context.ts';

describe('the time of an option', () => {
  it.each([
    ['2026-11-22T09:00:00Z', Date.UTC(2026, 10, 22, 9)],
    ['2026-11-22T09:00Z', Date.UTC(2026, 10, 22, 9)],
    ['2026-11-22T09:00:00.5Z', Date.UTC(2026, 10, 22, 9, 0, 0, 500)],
    ['2026-11-22T00:30:00+01:00', Date.UTC(2026, 10, 21, 23, 30)],
    ['2028-02-29T00:00:00Z', Date.UTC(2028, 1, 29)],
  ])('can be %s', (value, ms) => {
    expect(time(value)).toBe(ms);
  });

  it.each([
    '',
    'yesterday',
    '2026-11-22',
    '2026-11-22T09:00:00',
    '2026-11-22 09:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-02-29T00:00:00Z',
    '2026-06-31T09:00:00Z',
    '2026-11-22T25:00:00Z',
  ])('cannot be %j', (value) => {
    expect(() => time(value)).toThrow(InvalidArgumentError);
  });
});

it.each(['', '0', '-1', '1.5', 'many', '9007199254740993'])('a count cannot be %j', (value) => {
  expect(() => count(value)).toThrow(InvalidArgumentError);
});

it('a group is given by its name or its text, and is not empty', () => {
  expect(group('acme')).toBe('acme');
  expect(group(group('ACME'))).toBe(group('ACME'));
  expect(() => group('')).toThrow(InvalidArgumentError);
});
