import { CallError, isWithoutCredentials } from '@data-aggregator/shared-processing/errors';

/**
 * Why work stops for a while. None of these is the fault of a bundle, so none sets a bundle aside: the consumer waits and tries again.
 *
 * - `network`: no response, or one that did not come from AWS
 * - `throttled`, `unavailable`: S3 or SQS asks to come back later
 * - `clock`: this machine's clock differs too much from AWS's
 * - `refused`: credentials are missing; credentials, permissions or names are wrong
 * - `disk-full`, `disk-read-only`, `disk-failing`: the inbox cannot be written
 */
export type Condition =
  | 'network'
  | 'throttled'
  | 'unavailable'
  | 'clock'
  | 'refused'
  | 'disk-full'
  | 'disk-read-only'
  | 'disk-failing';

/** For a person: what the condition means and what ends it. */
export const ADVICE: Readonly<Record<Condition, string>> = {
  network: 'AWS cannot be reached. Check the network, the proxy and the firewall. Work continues by itself.',
  throttled: 'AWS limits the request rate. Work continues by itself.',
  unavailable: 'AWS reports an internal error. Work continues by itself.',
  clock: 'The clock of this machine is wrong by more than AWS accepts. Synchronise it.',
  refused:
    'AWS refuses the request, or there are no credentials for it. Check credentials, role, bucket names and queue URL.',
  'disk-full': 'The disk of the inbox is full. Free some space; work continues by itself.',
  'disk-read-only': 'The inbox cannot be written. Remount the disk or correct the permissions.',
  'disk-failing': 'The disk of the inbox reports errors. Check the disk.',
};

const DISK: Readonly<Record<string, Condition>> = {
  ENOSPC: 'disk-full',
  EDQUOT: 'disk-full',
  EROFS: 'disk-read-only',
  EACCES: 'disk-read-only',
  EPERM: 'disk-read-only',
  EIO: 'disk-failing',
  ENXIO: 'disk-failing',
  ENODEV: 'disk-failing',
  ESTALE: 'disk-failing',
  EMFILE: 'disk-failing',
  ENFILE: 'disk-failing',
};

/** There is less free space than the next bundle needs. It has the code of the error that would follow. */
export class TooLittleSpace extends Error {
  override readonly name = 'TooLittleSpace';
  readonly code = 'ENOSPC';
}

/**
 * The condition behind an error.
 *
 * @returns undefined if the error concerns one bundle alone, or is a fault of the program
 */
export function conditionOf(error: unknown): Condition | undefined {
  if (!(error instanceof CallError)) {
    const { code } = error as NodeJS.ErrnoException;
    return typeof code === 'string' ? DISK[code] : undefined;
  }
  if (error.code === 'RequestTimeTooSkewed' || error.code === 'RequestExpired') return 'clock';
  if (isWithoutCredentials(error.code)) return 'refused';
  switch (error.class) {
    case 'throttled':
      return 'throttled';
    case 'temporary':
      return error.status === undefined || error.status < 500 ? 'network' : 'unavailable';
    case 'access':
    case 'system':
      return 'refused';
    case 'request':
      return undefined;
  }
}

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;

/** How long to wait after the given number of failures in a row, in ms. @param random in [0, 1) */
export function waitAfter(failures: number, random: number): number {
  const longest = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (failures - 1));
  return Math.floor(longest / 2 + (random * longest) / 2);
}
