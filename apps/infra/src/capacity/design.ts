import { type CapacityDesign, limits } from '@data-aggregator/cost-model/capacity';
import { at, numberAt, resourceNamed, type Templates } from '../templates/resources.ts';

/** The function that builds the bundles. */
const BUNDLING = 'aggregator';

/** Reads the design from an environment's templates. The uploader's keys are not in them. */
export function readCapacityDesign(templates: Templates, landingPrefixes: number): CapacityDesign {
  const mapping = resourceNamed(
    templates,
    'AWS::Lambda::EventSourceMapping',
    `${BUNDLING}.mapping`,
  ).properties;
  const ledger = resourceNamed(templates, 'AWS::DynamoDB::Table', 'ledger').properties;
  const warm = at(ledger, 'WarmThroughput', 'WriteUnitsPerSecond');
  return {
    batchSize: numberAt(mapping, 'BatchSize'),
    batchWindowSeconds: numberAt(mapping, 'MaximumBatchingWindowInSeconds'),
    maxConcurrency: numberAt(mapping, 'ScalingConfig', 'MaximumConcurrency'),
    timeoutSeconds: numberAt(
      resourceNamed(templates, 'AWS::Lambda::Function', BUNDLING).properties,
      'Timeout',
    ),
    queues: 1,
    warmWrites: typeof warm === 'number' ? warm : limits.ledgerWarmWrites.value,
    landingPrefixes,
  };
}
