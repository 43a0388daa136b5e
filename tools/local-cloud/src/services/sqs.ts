import { buildApp } from 'fauxqs';
import * as v from 'valibot';
import { oldestSent } from '../alarms/queue-metrics.ts';
import type { QueueModel } from '../assembly/model.ts';

/** An answer of the queue service, as it goes to the client. */
export interface SqsAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The queues. Served in process by fauxqs: no port, no socket. */
export interface Sqs {
  /** Performs one operation of the JSON protocol, such as `SendMessage`, with the request's JSON. */
  readonly call: (operation: string, body: string) => Promise<SqsAnswer>;
  /** The same with objects. @throws Error when the service refuses */
  readonly perform: (operation: string, input: Readonly<Record<string, unknown>>) => Promise<unknown>;
  /** Messages visible and in flight, by queue name; delayed ones count as in flight. */
  readonly depths: () => Promise<
    ReadonlyMap<string, { readonly visible: number; readonly inFlight: number }>
  >;
  /** When the oldest message of a queue was sent, ms since the epoch; undefined where there is none. */
  readonly oldestSent: (queueName: string) => Promise<number | undefined>;
  readonly close: () => Promise<void>;
}

const depths = v.array(
  v.object({
    name: v.string(),
    approximateMessageCount: v.number(),
    approximateInflightCount: v.number(),
    approximateDelayedCount: v.number(),
  }),
);

/** Starts the service and makes the queues. */
export async function startSqs(queues: readonly QueueModel[], region: string): Promise<Sqs> {
  const app = buildApp({ logger: false, defaultRegion: region });

  async function call(operation: string, body: string): Promise<SqsAnswer> {
    const { statusCode, headers, payload } = await app.inject({
      method: 'POST',
      url: '/',
      // No authorization is passed on: fauxqs would take the region from it, and there is only this one.
      headers: {
        host: '127.0.0.1',
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': `AmazonSQS.${operation}`,
      },
      payload: body,
    });
    const kept: Record<string, string> = { 'content-type': 'application/x-amz-json-1.0' };
    for (const name of ['x-amzn-query-error', 'x-amz-request-id']) {
      const value = headers[name];
      if (typeof value === 'string') kept[name === 'x-amz-request-id' ? 'x-amzn-requestid' : name] = value;
    }
    return { status: statusCode, headers: kept, body: payload };
  }

  async function perform(operation: string, input: Readonly<Record<string, unknown>>): Promise<unknown> {
    const { status, body } = await call(operation, JSON.stringify(input));
    if (status !== 200) throw new Error(`SQS ${operation}: ${body}`);
    return JSON.parse(body);
  }

  for (const { name, attributes } of queues) {
    await perform('CreateQueue', { QueueName: name, Attributes: attributes });
  }

  return {
    call,
    perform,
    depths: async () => {
      const { payload } = await app.inject({ method: 'GET', url: '/_fauxqs/queues' });
      return new Map(
        v.parse(depths, JSON.parse(payload)).map((queue) => [
          queue.name,
          {
            visible: queue.approximateMessageCount,
            inFlight: queue.approximateInflightCount + queue.approximateDelayedCount,
          },
        ]),
      );
    },
    oldestSent: async (queueName) => {
      const { payload } = await app.inject({ method: 'GET', url: `/_fauxqs/queues/${queueName}` });
      return v.parse(oldestSent, JSON.parse(payload));
    },
    close: () => app.close(),
  };
}
