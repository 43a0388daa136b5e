import * as v from 'valibot';
import { ApiError } from '../../apis/api.ts';

export interface BatchAnswer {
  readonly Successful: readonly ({ readonly Id: string } & object)[];
  readonly Failed: readonly {
    readonly Id: string;
    readonly Code: string;
    readonly Message: string;
    readonly SenderFault: boolean;
  }[];
}

const identified = v.looseObject({ Id: v.string() });
const maxEntries = 10;
const entryId = /^[\w-]{1,80}$/;

/**
 * Performs the entries of a batch. A refused entry is listed in `Failed` and does not affect the others.
 * Source: "SendMessageBatch", "DeleteMessageBatch" and "ChangeMessageVisibilityBatch" (Amazon SQS API Reference).
 *
 * @param perform performs an entry without its id
 * @throws ApiError if the batch is refused as a whole
 */
export function performBatch(entries: readonly unknown[], perform: (entry: object) => object): BatchAnswer {
  if (entries.length === 0) {
    throw new ApiError('EmptyBatchRequest', 'There should be at least one entry in the request.');
  }
  if (entries.length > maxEntries) {
    throw new ApiError(
      'TooManyEntriesInBatchRequest',
      `Maximum number of entries per request are ${maxEntries}. You have sent ${entries.length}.`,
    );
  }
  const ids = new Set<string>();
  const parsed = entries.map((entry) => {
    const { success, output } = v.safeParse(identified, entry);
    if (!success) throw new ApiError('MissingParameter', 'The request must contain the parameter Id.');
    const { Id, ...rest } = output;
    if (!entryId.test(Id)) {
      throw new ApiError(
        'InvalidBatchEntryId',
        'A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.',
      );
    }
    if (ids.has(Id)) throw new ApiError('BatchEntryIdsNotDistinct', `Id ${Id} repeated.`);
    ids.add(Id);
    return { Id, rest };
  });

  const Successful: BatchAnswer['Successful'][number][] = [];
  const Failed: BatchAnswer['Failed'][number][] = [];
  for (const { Id, rest } of parsed) {
    try {
      Successful.push({ Id, ...perform(rest) });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      Failed.push({ Id, Code: error.code, Message: error.message, SenderFault: error.status < 500 });
    }
  }
  return { Successful, Failed };
}
