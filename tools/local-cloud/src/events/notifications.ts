import { randomUUID } from 'node:crypto';
import type { CloudModel } from '../assembly/model.ts';
import { s3EventMessage, s3TestMessage, type NotificationRule, type ObjectEvent } from '../s3/index.ts';
import type { Sqs } from '../services/sqs.ts';

/** Delivers S3's notifications to queues, directly or through topics. */
export interface Notifications {
  readonly notify: (event: ObjectEvent) => void;
  /** Sends S3's test message, as S3 does when notifications are configured. */
  readonly sendTestEvent: () => void;
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
  const queueUrls = new Map(model.queues.map(({ arn, url }) => [arn, url]));

  async function sendToQueue(queueArn: string, body: string): Promise<void> {
    const QueueUrl = queueUrls.get(queueArn);
    if (QueueUrl === undefined) throw new Error(`no queue has the ARN ${queueArn}`);
    await sqs.perform('SendMessage', { QueueUrl, MessageBody: body });
  }

  async function deliver(targetArn: string, body: string): Promise<void> {
    const topic = model.topics.find(({ arn }) => arn === targetArn);
    if (!topic) return sendToQueue(targetArn, body);
    for (const { queueArn, raw } of topic.queueSubscriptions) {
      await sendToQueue(queueArn, raw ? body : envelope(topic.arn, body));
    }
  }

  function start(targetArn: string, message: object): void {
    const delivery = deliver(targetArn, JSON.stringify(message))
      .catch((error: unknown) => onFailure(`a notification to ${targetArn} is lost: ${String(error)}`))
      .finally(() => pending.delete(delivery));
    pending.add(delivery);
  }

  return {
    notify: (event) => {
      for (const rule of event.rules) start(rule.target, s3EventMessage(event, rule.id));
    },
    sendTestEvent: () => {
      for (const { name, notifications } of model.buckets) {
        for (const arn of new Set(notifications.map(({ target }) => target.arn))) {
          start(
            arn,
            s3TestMessage({ bucket: name, time: Date.now(), requestId: randomUUID(), hostId: 'local' }),
          );
        }
      }
    },
    pending: () => pending.size,
  };
}

/** A topic's message to a queue, for subscriptions without raw message delivery. */
function envelope(topicArn: string, body: string): string {
  return JSON.stringify({
    Type: 'Notification',
    MessageId: randomUUID(),
    TopicArn: topicArn,
    Subject: 'Amazon S3 Notification',
    Message: body,
    Timestamp: new Date().toISOString(),
    SignatureVersion: '1',
  });
}
