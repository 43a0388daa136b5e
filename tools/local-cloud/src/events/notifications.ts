import { randomUUID } from 'node:crypto';
import type { CloudModel, SubscriptionModel } from '../assembly/model.ts';
import { s3EventMessage, s3TestMessage, type NotificationRule, type ObjectEvent } from '../s3/index.ts';
import type { Sqs } from '../services/sqs.ts';
import { matchesEvent } from './event-pattern.ts';

/** Delivers S3's notifications to queues, directly or through topics, and EventBridge's events. */
export interface Notifications {
  readonly notify: (event: ObjectEvent) => void;
  /** Sends an event that matched a rule to the rule's queue. */
  readonly sendEvent: (queueArn: string, payload: string) => void;
  /** Sends S3's test message, as S3 does when notifications are configured. @param targets their ARNs */
  readonly sendTestEvent: (bucket: string, targets: readonly string[]) => void;
  readonly pending: () => number;
}

/** A bucket's notification rules, in the form that S3 expects. */
export function notificationRules({ buckets }: CloudModel, bucketName: string): NotificationRule[] {
  const notifications = buckets.find(({ name }) => name === bucketName)?.notifications ?? [];
  return notifications.map(({ event, prefix, suffix, target }, index) => ({
    id: `${bucketName}-${index + 1}`,
    events: [event],
    prefix,
    suffix,
    target: target.arn,
  }));
}

/** @param onFailure called for a notification that could not be delivered */
export function createNotifications(
  model: CloudModel,
  sqs: Sqs,
  onFailure: (reason: string) => void,
): Notifications {
  const pending = new Set<Promise<void>>();

  async function sendToQueue(queueArn: string, body: string): Promise<void> {
    const QueueUrl = sqs.urlOf(queueArn);
    if (QueueUrl === undefined) throw new Error(`no queue has the ARN ${queueArn}`);
    await sqs.perform('SendMessage', { QueueUrl, MessageBody: body });
  }

  async function deliver(targetArn: string, body: string): Promise<void> {
    const topic = model.topics.find(({ arn }) => arn === targetArn);
    if (!topic) return sendToQueue(targetArn, body);
    for (const { queueArn, raw, filter } of topic.queueSubscriptions) {
      if (isWanted(filter, body)) await sendToQueue(queueArn, raw ? body : envelope(topic.arn, body));
    }
  }

  function start(targetArn: string, body: string): void {
    const delivery = deliver(targetArn, body)
      .catch((error: unknown) => onFailure(`a notification to ${targetArn} is lost: ${String(error)}`))
      .finally(() => pending.delete(delivery));
    pending.add(delivery);
  }

  return {
    notify: (event) => {
      for (const rule of event.rules) start(rule.target, JSON.stringify(s3EventMessage(event, rule.id)));
    },
    sendEvent: start,
    sendTestEvent: (bucket, targets) => {
      for (const arn of new Set(targets)) {
        const ids = { requestId: randomUUID(), hostId: 'local' };
        start(arn, JSON.stringify(s3TestMessage({ bucket, time: Date.now(), ...ids })));
      }
    },
    pending: () => pending.size,
  };
}

/** Whether a subscription's filter policy accepts a message of S3, which has no attributes. */
function isWanted(filter: SubscriptionModel['filter'], body: string): boolean {
  if (filter === undefined) return true;
  const subject: unknown = filter.scope === 'MessageBody' ? JSON.parse(body) : {};
  return matchesEvent(filter.pattern, subject);
}

/** A topic's message to a queue, for subscriptions without raw message delivery. Nothing verifies the signature. */
function envelope(topicArn: string, body: string): string {
  const sns = `https://sns.${topicArn.split(':')[3]}.amazonaws.com`;
  return JSON.stringify({
    Type: 'Notification',
    MessageId: randomUUID(),
    TopicArn: topicArn,
    Subject: 'Amazon S3 Notification',
    Message: body,
    Timestamp: new Date().toISOString(),
    SignatureVersion: '1',
    Signature: 'bG9jYWw=',
    SigningCertURL: `${sns}/SimpleNotificationService-local.pem`,
    UnsubscribeURL: `${sns}/?Action=Unsubscribe&SubscriptionArn=${topicArn}:local`,
  });
}
