import {
  identityOf,
  type ObjectVersion,
  parseNotification,
} from '@data-aggregator/shared-processing/s3-event';

/** A message in a dead-letter queue. */
export interface DeadMessage {
  body: string;
  attributes: Readonly<Record<string, string>>;
}

/** Why a message is in a dead-letter queue. */
export interface Quarantined {
  reason: string;
  detail: string;
}

/** Messages moved by the redrive policy have no reason attribute. */
const RECEIVED_TOO_OFTEN: Quarantined = {
  reason: 'received-too-often',
  detail: 'every attempt failed',
};

/**
 * The object versions named by dead letters. An unreadable message names none.
 *
 * @returns by identity, see `identityOf`
 */
export function quarantinedObjects(messages: readonly DeadMessage[]): Map<string, Quarantined> {
  return new Map(
    messages.flatMap((message) => {
      const why = whyOf(message);
      return objectsIn(message).map((object) => [identityOf(object), why] as const);
    }),
  );
}

function whyOf({ attributes: { reason, detail = '' } }: DeadMessage): Quarantined {
  return reason === undefined ? RECEIVED_TOO_OFTEN : { reason, detail };
}

function objectsIn({ body }: DeadMessage): ObjectVersion[] {
  const notification = parseNotification(body);
  if (notification.kind !== 'records') return [];
  return notification.records.flatMap((record) => (record.kind === 'landed' ? record.landed : []));
}
