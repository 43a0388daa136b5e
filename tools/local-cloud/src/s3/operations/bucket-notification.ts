import { randomUUID } from 'node:crypto';
import * as v from 'valibot';
import { emptyAnswer, xmlAnswer } from '../http/answer.ts';
import { openBody, readDocument } from '../http/body.ts';
import { S3Error } from '../errors.ts';
import type { NotificationRule } from '../buckets/notifications.ts';
import type { Operation } from '../operation.ts';
import { parseXml, type XmlNode, xmlText } from '../http/xml.ts';

/** @see "GetBucketNotificationConfiguration" in the Amazon S3 API Reference */
export const getBucketNotificationConfiguration: Operation = {
  name: 'GetBucketNotificationConfiguration',
  method: 'GET',
  on: 'bucket',
  selectedBy: { notification: true },
  actions: () => ['s3:GetBucketNotification'],
  run: ({ bucket }) =>
    xmlAnswer([
      'NotificationConfiguration',
      [
        ...bucket.notifications.map(describe),
        ['EventBridgeConfiguration', bucket.toEventBridge ? [] : undefined],
      ],
    ]),
};

function describe(rule: NotificationRule): XmlNode {
  const [configuration, target] = elementsOf(rule.target);
  const filters: XmlNode[] = [
    ['Prefix', rule.prefix],
    ['Suffix', rule.suffix],
  ];
  const rules = filters.flatMap(([name, value]): XmlNode[] =>
    value === undefined || value === ''
      ? []
      : [
          [
            'FilterRule',
            [
              ['Name', name],
              ['Value', value],
            ],
          ],
        ],
  );
  return [
    configuration,
    [
      ['Id', rule.id],
      ['Filter', rules.length === 0 ? undefined : [['S3Key', rules]]],
      [target, rule.target],
      ...rule.events.map((event): XmlNode => ['Event', event]),
    ],
  ];
}

/** Element names of a configuration and its target, by the service in the target's ARN. */
function elementsOf(arn: string): [configuration: string, target: string] {
  switch (arn.split(':')[2]) {
    case 'sns':
      return ['TopicConfiguration', 'Topic'];
    case 'lambda':
      return ['CloudFunctionConfiguration', 'CloudFunction'];
    default:
      return ['QueueConfiguration', 'Queue'];
  }
}

const document = v.object({
  NotificationConfiguration: v.union([
    // An empty element is parsed as an empty string.
    v.string(),
    v.strictObject({
      QueueConfiguration: v.array(
        v.object({
          Id: v.optional(xmlText),
          Queue: xmlText,
          Event: v.array(xmlText),
          Filter: v.optional(
            v.object({
              S3Key: v.object({
                FilterRule: v.array(
                  v.object({
                    Name: v.pipe(v.string(), v.toLowerCase(), v.picklist(['prefix', 'suffix'])),
                    Value: xmlText,
                  }),
                ),
              }),
            }),
          ),
        }),
      ),
      '#text': v.optional(v.string()),
    }),
  ]),
});

/** To queues only: topics and functions come from templates. @see "PutBucketNotificationConfiguration" in the Amazon S3 API Reference */
export const putBucketNotificationConfiguration: Operation = {
  name: 'PutBucketNotificationConfiguration',
  method: 'PUT',
  on: 'bucket',
  selectedBy: { notification: true },
  actions: () => ['s3:PutBucketNotification'],
  async run({ bucket, request, service, beforeEffect }) {
    const text = await readDocument(openBody(request));
    const configuration = parseXml(text, document).NotificationConfiguration;
    const listed = typeof configuration === 'string' ? [] : configuration.QueueConfiguration;
    const rules = listed.map(({ Id, Queue, Event, Filter }): NotificationRule => {
      const valueOf = (name: 'prefix' | 'suffix') =>
        Filter?.S3Key.FilterRule.find((rule) => rule.Name === name)?.Value ?? '';
      return {
        id: Id ?? randomUUID(),
        events: Event,
        target: Queue,
        prefix: valueOf('prefix'),
        suffix: valueOf('suffix'),
      };
    });
    await beforeEffect();
    const targets = rules.map(({ target }) => target);
    if (service.onNotificationsSet(bucket.name, targets) === 'refuse') {
      throw new S3Error('InvalidArgument', {
        message: 'Unable to validate the following destination configurations',
      });
    }
    bucket.notifications = rules;
    return emptyAnswer(200);
  },
};
