import { at, numberAt, ofType, type Resource, type Templates } from './resources.ts';

/** A source queue and its dead-letter queue. */
export interface Redrive {
  source: Resource;
  deadLetters: Resource | undefined;
}

/** Every queue that has a redrive policy, with where it leads. */
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

/** How long a queue keeps a message, in days. */
export function retentionDays(queue: Resource | undefined): number {
  return numberAt(queue?.properties, 'MessageRetentionPeriod') / (24 * 60 * 60);
}
