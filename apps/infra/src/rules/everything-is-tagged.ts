import { COMPONENT_TAG, ENVIRONMENT_TAG, PROJECT_TAG } from '../conventions/tags.ts';
import type { Rule } from './rule.ts';
import { tagOf } from '../templates/resources.ts';

/** Types that accept no tags, or are part of another resource that does. */
const UNTAGGED = new Set([
  'AWS::Budgets::Budget',
  'AWS::CloudWatch::Dashboard',
  'AWS::EC2::SecurityGroupEgress',
  'AWS::EC2::SubnetRouteTableAssociation',
  'AWS::Lambda::Permission',
  'AWS::Lambda::Url',
  'AWS::Logs::MetricFilter',
  'AWS::S3::BucketPolicy',
  'AWS::SNS::Subscription',
  'AWS::SNS::TopicPolicy',
  'AWS::SQS::QueuePolicy',
]);

/** Costs are allocated by tags: the cost of an untagged resource cannot be attributed. */
export const everythingIsTagged: Rule = {
  name: 'EverythingIsTagged',
  fix: 'Let the resource inherit the tags of its stack (conventions/tags.ts).',
  check({ resources }) {
    return resources
      .filter(({ type }) => !UNTAGGED.has(type))
      .flatMap((resource) =>
        [PROJECT_TAG, ENVIRONMENT_TAG, COMPONENT_TAG]
          .filter((key) => tagOf(resource, key) === '')
          .map((key) => ({ resource, problem: `it has no tag "${key}"` })),
      );
  },
};
