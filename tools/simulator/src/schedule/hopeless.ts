import { BUNDLE_PREFIX } from '@data-aggregator/shared-processing/bundle-key';
import { claimId } from '@data-aggregator/shared-processing/ledger';
import type { Stage } from '../actors/stage.ts';
import type { LandedFile } from '../actors/uploader.ts';
import { BUCKETS, FORWARD_BYTES, PARTED_BYTES } from '../settings.ts';

/** Calls that never succeed, as long as the schedule says so. */
export interface Hopeless {
  /** For the trace. */
  name: string;
  matches(what: string): boolean;
  /** Whether a file cannot be delivered without these calls. All others must be, all the same. */
  affects(file: LandedFile): boolean;
}

/** Picks calls that will never succeed. Which bundle or version they are about shows only when there is one. */
export function hopelessOf({ random, landing, cloud }: Stage): Hopeless {
  const first = () => landing.landed[0];
  const firstBundle = () =>
    cloud.store.keys(BUCKETS.distribution).find((key) => key.startsWith(BUNDLE_PREFIX));
  const nobody = () => false;
  const starting =
    (...beginnings: string[]) =>
    (what: string) =>
      beginnings.some((beginning) => what.startsWith(beginning));
  const kinds: Hopeless[] = [
    {
      name: 'reads of the key a',
      matches: (what) => what === 'GET a' || what === 'body of a' || /^COPY PART .*\.a\.tar$/.test(what),
      affects: ({ key }) => key === 'a',
    },
    {
      name: 'claims of the first file',
      matches: (what) => what.startsWith(`PutItem ${claimId(first()?.objectId ?? 'none')}`),
      affects: ({ objectId }) => objectId === first()?.objectId,
    },
    {
      name: 'downloads of the first bundle',
      matches: (what) => what === `GET ${firstBundle()}`,
      affects({ content }) {
        const key = firstBundle() ?? '';
        const versions = cloud.store.versions(BUCKETS.distribution, key);
        return versions.some((version) => version.content?.includes(content));
      },
    },
    {
      name: 'everything about uploads in parts',
      matches: starting('CREATE UPLOAD', 'PUT PART', 'COPY PART', 'COMPLETE'),
      affects: ({ content }) => content.length >= PARTED_BYTES,
    },
    {
      name: 'messages to the function for large objects',
      matches: starting('SendMessage large objects'),
      affects: ({ content }) => content.length > FORWARD_BYTES,
    },
    { name: 'quarantine marks', matches: starting('PutItem quarantine#'), affects: nobody },
    { name: 'changes of visibility', matches: starting('ChangeMessageVisibility'), affects: nobody },
    { name: 'deletions of ready messages', matches: starting('DeleteMessage ready'), affects: nobody },
    { name: 'releases of claims', matches: starting('DeleteItem claim#'), affects: nobody },
  ];
  return random.pick(kinds);
}
