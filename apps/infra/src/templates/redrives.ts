import { at, numberAt, ofType, type Resource, type Templates } from './resources.ts';

/** A source queue and its dead-letter queue; undefined if the template does not contain it. */
export interface Redrive {
  source: Resource;
  deadLetters: Resource | undefined;
}

/** Every queue with a redrive policy, and the dead-letter queue that the policy names. */
export function redrives(templates: Templates): Redrive[] {
  const queues = ofType(templates, 'AWS::SQS::Queue');
  return queues
    .filter(({ properties }) => properties.RedrivePolicy !== undefined)
    .map((source) => {
      const target = at(source.properties, 'RedrivePolicy', 'deadLetterTargetArn', 'Fn::GetAtt', 0);
      return {
        source,
        deadLetters: queues.find(({ stack, logicalId }) => stack === source.stack && logicalId === target),
      };
    });
}

/** The retention of a queue in days. */
export function retentionDays(queue: Resource | undefined): number {
  return numberAt(queue?.properties, 'MessageRetentionPeriod') / (24 * 60 * 60);
}
