import type { BundleRange } from '@data-aggregator/shared-processing/archive';
import { BUNDLE_PREFIX } from '@data-aggregator/shared-processing/bundle-key';
import { isGroupName } from '@data-aggregator/shared-processing/groups';
import * as v from 'valibot';

/** Glacier's retrieval tiers; Bulk is the slowest and cheapest. */
export const restoreTiers = ['Bulk', 'Standard'] as const;
export type RestoreTier = (typeof restoreTiers)[number];

/** Which bundles to replay. */
export type Selection =
  /** The bundles published in a range of time, of one group or of all. */
  | { kind: 'range'; range: BundleRange }
  | { kind: 'bundles'; bundles: readonly string[] }
  /** The bundles that contain a version of an object. With a range, its manifests are searched instead of the ledger. */
  | { kind: 'original'; key: string; range: BundleRange | undefined };

export interface ReplayRequest {
  /** Identifies the request: repeating it with the same id delivers nothing twice. */
  requestId: string;
  selection: Selection;
  /** If false, only plan. */
  execute: boolean;
  tier: RestoreTier;
  /** Continue after this bundle, from an earlier result. */
  after: string | undefined;
}

/** A request before parsing. */
export type ReplayEvent = v.InferInput<typeof event>;

/** An event that is not a valid request. The message names the problem. */
export class ReplayRequestError extends Error {
  override readonly name = 'ReplayRequestError';
}

/** Maximum number of bundles by key; request more by a range of time. */
const MAX_BUNDLES_BY_NAME = 1_000;

const time = v.pipe(
  v.string(),
  v.isoTimestamp('is not a time such as 2026-11-22T09:00:00Z'),
  v.transform(Date.parse),
  v.number('is not a time'),
);
const bundle = v.pipe(
  v.string(),
  v.startsWith(BUNDLE_PREFIX, `is not the key of a bundle, "${BUNDLE_PREFIX}…"`),
);

const event = v.strictObject({
  requestId: v.pipe(
    v.string(),
    v.regex(
      /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
      'is not a name of at most 64 letters, digits, dots, hyphens and underscores',
    ),
  ),
  from: v.optional(time),
  to: v.optional(time),
  group: v.optional(
    v.pipe(v.string(), v.check(isGroupName, 'is not the name of a group, as in the keys of its bundles')),
  ),
  bundles: v.optional(
    v.pipe(
      v.array(bundle),
      v.nonEmpty('is empty'),
      v.maxLength(MAX_BUNDLES_BY_NAME, 'names more than 1,000 bundles'),
    ),
  ),
  originalKey: v.optional(v.pipe(v.string(), v.nonEmpty('is empty'))),
  execute: v.optional(v.boolean(), false),
  tier: v.optional(v.picklist(restoreTiers), 'Bulk'),
  after: v.optional(bundle),
});

/** @throws ReplayRequestError */
export function parseRequest(thrown: unknown): ReplayRequest {
  const result = v.safeParse(event, thrown);
  if (!result.success) {
    const [issue] = result.issues;
    throw new ReplayRequestError(`invalid request: ${v.getDotPath(issue) ?? 'the event'}: ${issue.message}`);
  }
  const { requestId, execute, tier, after } = result.output;
  return { requestId, execute, tier, after, selection: parseSelection(result.output) };
}

function parseSelection({ from, to, group, bundles, originalKey }: v.InferOutput<typeof event>): Selection {
  const range = parseRange(from, to, group);
  const wanted = [range !== undefined && originalKey === undefined, bundles, originalKey].filter(Boolean);
  if (wanted.length !== 1) {
    throw new ReplayRequestError(
      'invalid request: give exactly one of "from" with "to", "bundles", and "originalKey"',
    );
  }
  if (originalKey !== undefined) return { kind: 'original', key: originalKey, range };
  if (bundles) return { kind: 'bundles', bundles: [...new Set(bundles)].sort() };
  return { kind: 'range', range: range as BundleRange };
}

function parseRange(
  from: number | undefined,
  to: number | undefined,
  group: string | undefined,
): BundleRange | undefined {
  if (from === undefined && to === undefined && group === undefined) return undefined;
  if (from === undefined || to === undefined || from >= to) {
    throw new ReplayRequestError(
      'invalid request: a range needs "from" and "to", the earlier first; a group needs a range',
    );
  }
  return { from, to, group };
}
