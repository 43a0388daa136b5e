import { at, numberAt, ofType } from '../templates/resources.ts';
import type { Rule } from './rule.ts';

/**
 * A message must stay hidden while Lambda may still be processing it, or a second invocation receives it as well:
 * six times the function's timeout, and the batch window.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
 */
export const visibilityCoversRetries: Rule = {
  name: 'VisibilityCoversRetries',
  fix: "Set the queue's visibility timeout to 6 × the function's timeout + the batch window.",
  check(templates) {
    return ofType(templates, 'AWS::Lambda::EventSourceMapping').flatMap((mapping) => {
      const source = nameOfArn(at(mapping.properties, 'EventSourceArn'));
      const queue = ofType(templates, 'AWS::SQS::Queue').find(
        ({ properties }) => properties.QueueName === source,
      );
      const fn = templates.resources.find(
        ({ stack, logicalId }) =>
          stack === mapping.stack && logicalId === at(mapping.properties, 'FunctionName', 'Ref'),
      );
      if (queue === undefined) {
        return [{ resource: mapping, problem: `its queue "${source}" is in none of the templates` }];
      }
      const needed =
        6 * numberAt(fn?.properties, 'Timeout') +
        numberAt(mapping.properties, 'MaximumBatchingWindowInSeconds');
      const visibility = numberAt(queue.properties, 'VisibilityTimeout');
      if (visibility >= needed) return [];
      return [
        { resource: queue, problem: `its visibility timeout is ${visibility} s and must be ${needed} s` },
      ];
    });
  },
};

function nameOfArn(arn: unknown): string {
  const text = typeof arn === 'string' ? arn : at(arn, 'Fn::Sub');
  return String(text ?? '').replace(/^.*:/, '');
}
