import type { RootSpan } from './recording.ts';
import { readTraceHeader } from './trace-header.ts';

/** An invocation by the clock, or on request, under the function's short name. */
export function invocationSpan(trigger: 'timer' | 'other', name: string): RootSpan {
  return { name, kind: 'server', attributes: { 'faas.trigger': trigger }, links: [] };
}

/** What is told of a message: a part of SQS's record. */
interface TracedMessage {
  messageId: string;
  eventSourceARN: string;
  attributes: { AWSTraceHeader?: string | undefined };
}

/**
 * A batch of SQS messages as the work of an invocation. A message whose sender was traced is linked with that trace; the
 * batch belongs to none of them, as it may have thousands.
 *
 * @see https://opentelemetry.io/docs/specs/semconv/faas/aws-lambda/#sqs
 */
export function sqsBatchSpan(messages: readonly TracedMessage[]): RootSpan {
  const queue = messages[0]?.eventSourceARN.split(':').at(-1) ?? 'queue';
  const links = new Map<string, RootSpan['links'][number]>();
  for (const { messageId, attributes } of messages) {
    const sender = readTraceHeader(attributes.AWSTraceHeader);
    if (!sender) continue;
    const { traceId, spanId } = sender;
    const id = traceId + spanId;
    if (!links.has(id)) links.set(id, { traceId, spanId, attributes: { 'messaging.message.id': messageId } });
  }
  return {
    name: `process ${queue}`,
    kind: 'consumer',
    attributes: {
      'faas.trigger': 'pubsub',
      'messaging.system': 'aws_sqs',
      'messaging.operation.type': 'process',
      'messaging.destination.name': queue,
      'messaging.batch.message_count': messages.length,
    },
    links: [...links.values()],
  };
}
