import { xmlAnswer } from '../http/answer.ts';
import type { NotificationRule } from '../buckets/notifications.ts';
import type { Operation } from '../operation.ts';
import type { XmlNode } from '../http/xml.ts';

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
