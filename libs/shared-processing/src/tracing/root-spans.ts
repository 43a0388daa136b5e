import type { RootSpan } from './recording.ts';
import { readTraceHeader } from './trace-header.ts';

/** The root span of an invocation by a schedule or on request. @param name the function's short name */
export function invocationSpan(trigger: 'timer' | 'other', name: string): RootSpan {
  return { name, kind: 'server', attributes: { 'faas.trigger': trigger }, links: [] };
}

/** The part of an SQS record that is traced. */
interface TracedMessage {
  messageId: string;
  eventSourceARN: string;
  attributes: { AWSTraceHeader?: string | undefined };
}

/**
 * The root span of an invocation with a batch of SQS messages. It has a link to the trace of each message whose sender was
 * traced, but is not part of any of them: a batch may have thousands.
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
