import { at, numberAt, ofType } from '../templates/resources.ts';
import type { Rule } from './rule.ts';

/** Seconds between the receive of a message and the start of its invocation, in addition to the batch window. */
const START_SECONDS = 5;

/**
 * A message must stay hidden until a killed invocation's claims have expired. Otherwise it returns while they stand, and the receive
 * achieves nothing:
 *
 *     received        invoked            deadline        claims expire     visible
 *        ├─ window ──────┤                   │                 │              │
 *                        ├─ timeout ─────────┤                 │              │
 *                                            ├─ claim grace ───┤
 *                                            ├─ grace ────────────────────────┤
 */
export const visibilityOutlivesClaims: Rule = {
  name: 'VisibilityOutlivesClaims',
  fix: "Set the trigger's graceSeconds to at least CLAIM_GRACE_SECONDS + 5.",
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
        numberAt(mapping.properties, 'MaximumBatchingWindowInSeconds') +
        numberAt(fn?.properties, 'Timeout') +
        claimGraceSeconds(fn?.properties);
      const visibility = numberAt(queue.properties, 'VisibilityTimeout');
      if (visibility >= needed) return [];
      return [
        { resource: queue, problem: `its visibility timeout is ${visibility} s and must be ${needed} s` },
      ];
    });
  },
};

/** 0 for a function without claims. */
function claimGraceSeconds(properties: unknown): number {
  const grace = at(properties, 'Environment', 'Variables', 'CLAIM_GRACE_SECONDS');
  return grace === undefined ? 0 : Number(grace) + START_SECONDS;
}

function nameOfArn(arn: unknown): string {
  const text = typeof arn === 'string' ? arn : at(arn, 'Fn::Sub');
  return String(text ?? '').replace(/^.*:/, '');
}
