import { InvalidArgumentError } from 'commander';

/** Parses an option's number. @throws InvalidArgumentError */
export function positive(text: string): number {
  const number = Number(text);
  if (!(number > 0) || number === Infinity) throw new InvalidArgumentError('It must be a positive number.');
  return number;
}

/** Parses the length of an outage, in seconds; `none` is 0. @throws InvalidArgumentError */
export function duration(text: string): number {
  if (text === 'none') return 0;
  const [, digits, unit] = /^(\d+)([sm])$/.exec(text) ?? [];
  if (digits === undefined)
    throw new InvalidArgumentError('It must be "none", or a duration such as 30s or 20m.');
  return Number(digits) * (unit === 'm' ? 60 : 1);
}
