import type { TimeRange } from '@data-aggregator/shared-processing/archive';
import { BUNDLE_PREFIX } from '@data-aggregator/shared-processing/bundle-key';
import * as v from 'valibot';

/** How fast Glacier restores, and for how much: Bulk is the slowest and the cheapest. */
export const restoreTiers = ['Bulk', 'Standard'] as const;
export type RestoreTier = (typeof restoreTiers)[number];

/** Which bundles are meant. */
export type Selection =
  /** Those that were published in a range of time. */
  | { kind: 'range'; range: TimeRange }
  | { kind: 'bundles'; bundles: readonly string[] }
  /** Those that hold a version of an object; looked for in a range where the ledger may have forgotten it. */
  | { kind: 'original'; key: string; range: TimeRange | undefined };

export interface ReplayRequest {
  /** Names the request: asked for again under the same id, nothing is delivered again. */
  requestId: string;
  selection: Selection;
  /** Without it only a plan is made. */
  execute: boolean;
  tier: RestoreTier;
  /** The bundle behind which an earlier answer broke off. */
  after: string | undefined;
}

/** A request as it is sent. */
export type ReplayEvent = v.InferInput<typeof event>;

/** An event that is no request. The message says what is wrong with it. */
export class ReplayRequestError extends Error {
  override readonly name = 'ReplayRequestError';
}

/** More bundles than that are asked for by their time. */
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
    throw new ReplayRequestError(
      `the request is wrong: ${v.getDotPath(issue) ?? 'the event'}: ${issue.message}`,
    );
  }
  const { requestId, execute, tier, after } = result.output;
  return { requestId, execute, tier, after, selection: parseSelection(result.output) };
}

function parseSelection({ from, to, bundles, originalKey }: v.InferOutput<typeof event>): Selection {
  const range = parseRange(from, to);
  const wanted = [range !== undefined && originalKey === undefined, bundles, originalKey].filter(Boolean);
  if (wanted.length !== 1 || (bundles && range)) {
    throw new ReplayRequestError(
      'the request is wrong: it names one of "from" and "to", "bundles", "originalKey"',
    );
  }
  if (originalKey !== undefined) return { kind: 'original', key: originalKey, range };
  if (bundles) return { kind: 'bundles', bundles: [...new Set(bundles)].sort() };
  return { kind: 'range', range: range as TimeRange };
}

function parseRange(from: number | undefined, to: number | undefined): TimeRange | undefined {
  if (from === undefined && to === undefined) return undefined;
  if (from === undefined || to === undefined || from >= to) {
    throw new ReplayRequestError('the request is wrong: a range has "from" and "to", the earlier first');
  }
  return { from, to };
}
