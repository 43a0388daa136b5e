import { randomUUID } from 'node:crypto';
import * as v from 'valibot';
import { accountId, type Place } from '../assembly/identity.ts';
import type { EventRuleModel } from '../assembly/model.ts';
import { matchesEvent } from './event-pattern.ts';

/** The default event bus: passes events to the targets of matching rules. */
export interface EventBus {
  /** Accepts an event of an AWS service. */
  readonly publish: (event: ServiceEvent) => void;
  /**
   * Accepts events in the form of PutEvents.
   *
   * @throws ValiError for a request that EventBridge would refuse as a whole
   */
  readonly putEvents: (request: unknown) => PutEventsResponse;
}

/** An event without what the bus adds. */
export interface ServiceEvent {
  readonly source: string;
  readonly detailType: string;
  readonly resources: readonly string[];
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly detail: object;
}

/** Fields in the wire format. */
export interface PutEventsResponse {
  readonly FailedEntryCount: number;
  readonly Entries: readonly (
    | { readonly EventId: string }
    | { readonly ErrorCode: string; readonly ErrorMessage: string }
  )[];
}

const entry = v.looseObject({
  Source: v.optional(v.string(), ''),
  DetailType: v.optional(v.string(), ''),
  Detail: v.optional(v.string(), ''),
  Resources: v.optional(v.array(v.string()), []),
  /** Seconds since 1970. */
  Time: v.optional(v.number()),
  EventBusName: v.optional(v.string(), 'default'),
});
type Entry = v.InferOutput<typeof entry>;

const putEventsRequest = v.object({
  Entries: v.pipe(
    v.array(entry),
    v.minLength(1, 'PutEvents takes at least one entry.'),
    v.maxLength(10, 'PutEvents takes at most ten entries.'),
  ),
});

const required = ['Source', 'DetailType', 'Detail'] as const;

/** @param deliver passes an event to the rule's target, without waiting */
export function createEventBus(
  rules: readonly EventRuleModel[],
  { region }: Pick<Place, 'region'>,
  isEnabled: (arn: string) => boolean,
  deliver: (rule: EventRuleModel, payload: string) => void,
): EventBus {
  /** @returns the event's id */
  function publish({ source, detailType, resources, time, detail }: ServiceEvent): string {
    const event = {
      version: '0',
      id: randomUUID(),
      'detail-type': detailType,
      source,
      account: accountId,
      time: new Date(time).toISOString().replace(/\.\d+Z$/, 'Z'),
      region,
      resources,
      detail,
    };
    // As JSON, so that a field without a value is missing for patterns, too.
    const payload = JSON.stringify(event);
    const sent: unknown = JSON.parse(payload);
    for (const rule of rules) {
      if (isEnabled(rule.arn) && matchesEvent(rule.pattern, sent)) deliver(rule, rule.input ?? payload);
    }
    return event.id;
  }

  function put(given: Entry): PutEventsResponse['Entries'][number] {
    const refused = refusal(given);
    if (refused !== undefined) return refused;
    const { Source, DetailType, Detail, Resources, Time } = given;
    return {
      EventId: publish({
        source: Source,
        detailType: DetailType,
        resources: Resources,
        time: Time === undefined ? Date.now() : Time * 1000,
        detail: JSON.parse(Detail) as object,
      }),
    };
  }

  return {
    publish,
    putEvents: (request) => {
      const entries = v.parse(putEventsRequest, request).Entries.map(put);
      return { FailedEntryCount: entries.filter((one) => 'ErrorCode' in one).length, Entries: entries };
    },
  };
}

function refusal(given: Entry): { ErrorCode: string; ErrorMessage: string } | undefined {
  const missing = required.find((name) => given[name] === '');
  if (missing !== undefined) {
    const reason = `Parameter ${missing} is not valid. Reason: ${missing} is a required argument.`;
    return { ErrorCode: 'InvalidArgument', ErrorMessage: reason };
  }
  if (given.Source.startsWith('aws.')) {
    return {
      ErrorCode: 'NotAuthorizedForSourceException',
      ErrorMessage: 'Not authorized for the source.',
    };
  }
  if (!isBus(given.EventBusName)) {
    const reason = `The local cloud has no event bus ${given.EventBusName}.`;
    return { ErrorCode: 'ResourceNotFoundException', ErrorMessage: reason };
  }
  return isJsonObject(given.Detail)
    ? undefined
    : { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
}

const isBus = (name: string) => name === 'default' || name.endsWith(':event-bus/default');

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
