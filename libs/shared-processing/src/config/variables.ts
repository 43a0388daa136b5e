import * as v from 'valibot';

/** Bounds of a number, both included. */
export interface Bounds {
  min: number;
  max: number;
}

/** Non-empty text. @param expected describes it in messages: `the name of a table` */
export function text(expected: string) {
  return v.pipe(v.string(expected), v.nonEmpty(expected));
}

/** A whole number in digits. */
export function int({ min, max }: Bounds) {
  return wholeNumber(`a whole number from ${min} to ${max}`, { min, max });
}

/** A duration in whole seconds, in digits. */
export function seconds({ min, max }: Bounds) {
  return wholeNumber(`whole seconds from ${min} to ${max}`, { min, max });
}

/** Bytes per unit, decimal and binary. */
const UNITS = new Map([
  ['', 1],
  ['KB', 1000],
  ['MB', 1000 ** 2],
  ['GB', 1000 ** 3],
  ['TB', 1000 ** 4],
  ['KiB', 1024],
  ['MiB', 1024 ** 2],
  ['GiB', 1024 ** 3],
  ['TiB', 1024 ** 4],
]);

/** A size: `67108864`, `64MiB` or `64MB`. @param bounds in bytes */
export function bytes({ min, max }: Bounds) {
  const expected = `bytes from ${min} to ${max}, as 67108864, 64MiB or 64MB`;
  return v.pipe(
    v.string(expected),
    v.transform((size) => {
      const [, digits = '', unit = ''] = /^(\d+)([A-Za-z]*)$/.exec(size) ?? [];
      return digits === '' ? NaN : Number(digits) * (UNITS.get(unit) ?? NaN);
    }),
    v.safeInteger(expected),
    v.minValue(min, expected),
    v.maxValue(max, expected),
  );
}

/**
 * The name of an S3 bucket.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
 */
export function bucketName() {
  const expected = 'the name of a bucket: 3 to 63 lower-case letters, digits, hyphens and single dots';
  return v.pipe(
    v.string(expected),
    v.regex(/^(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, expected),
    v.check((name) => !/^\d+\.\d+\.\d+\.\d+$/.test(name), expected),
  );
}

/** The id of an AWS account. */
export function accountId() {
  const expected = 'the id of an AWS account: 12 digits';
  return v.pipe(v.string(expected), v.regex(/^\d{12}$/, expected));
}

/** The URL of a service, http or https. */
export function url() {
  const expected = 'a URL that begins with https:// or http://';
  return v.pipe(
    v.string(expected),
    v.check((address) => ['https:', 'http:'].includes(URL.parse(address)?.protocol ?? ''), expected),
  );
}

/** One of the given words. */
export function oneOf<const T extends readonly string[]>(...words: T) {
  return v.picklist(words, words.map((word) => `"${word}"`).join(' or '));
}

/** Adds a default, written as in the environment, so that it is validated too. */
export function withDefault<T extends v.GenericSchema<string, unknown>>(variable: T, value: string) {
  return v.optional(variable, value);
}

/** A variable that may be omitted; its value is `undefined` then. */
export function optional<T extends v.GenericSchema<string, unknown>>(variable: T) {
  return v.optional(variable);
}

function wholeNumber(expected: string, { min, max }: Bounds) {
  return v.pipe(
    v.string(expected),
    v.regex(/^-?\d+$/, expected),
    v.transform(Number),
    v.safeInteger(expected),
    v.minValue(min, expected),
    v.maxValue(max, expected),
  );
}
