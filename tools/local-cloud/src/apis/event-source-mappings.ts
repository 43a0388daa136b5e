import * as v from 'valibot';
import { functionArn, mappingArn, type Place } from '../assembly/identity.ts';
import { nameOfFunction } from '../assembly/interpret-functions.ts';
import type {
  EventSourceMapping,
  MappingDescription,
  MappingSettings,
} from '../mapping/event-source-mapping.ts';
import { ApiError, operation, pageOf, wholeNumber, type Api } from './api.ts';

const listed = v.strictObject({
  FunctionName: v.optional(v.string()),
  EventSourceArn: v.optional(v.string()),
  MaxItems: v.optional(wholeNumber(1, 10_000), 100),
  Marker: v.optional(v.string()),
});
const one = v.strictObject({ UUID: v.string() });
const changed = v.strictObject({
  UUID: v.string(),
  /** Must name the same function: moving a mapping to another function is not supported. */
  FunctionName: v.optional(v.string()),
  Enabled: v.optional(v.boolean()),
  BatchSize: v.optional(wholeNumber(1, 10_000)),
  MaximumBatchingWindowInSeconds: v.optional(wholeNumber(0, 300)),
  ScalingConfig: v.optional(v.strictObject({ MaximumConcurrency: v.optional(wholeNumber(2, 1_000)) })),
});

const invalid = 'InvalidParameterValueException';

/** Lambda's ListEventSourceMappings, GetEventSourceMapping and UpdateEventSourceMapping. */
export function eventSourceMappingsApi(mappings: readonly EventSourceMapping[], place: Place): Api {
  function mappingOf(uuid: string): EventSourceMapping {
    const mapping = mappings.find((candidate) => candidate.describe().uuid === uuid);
    if (!mapping) {
      throw new ApiError('ResourceNotFoundException', 'The resource you requested does not exist.', 404);
    }
    return mapping;
  }
  const describe = ({ functionName, ...mapping }: MappingDescription) => ({
    UUID: mapping.uuid,
    EventSourceMappingArn: mapping.arn,
    EventSourceArn: mapping.queueArn,
    FunctionArn: functionArn(functionName, place),
    BatchSize: mapping.batchSize,
    MaximumBatchingWindowInSeconds: mapping.windowSeconds,
    ...(mapping.maxConcurrency !== undefined && {
      ScalingConfig: { MaximumConcurrency: mapping.maxConcurrency },
    }),
    FunctionResponseTypes: mapping.reportsItemFailures ? ['ReportBatchItemFailures'] : [],
    LastModified: new Date(mapping.lastModified),
    State: mapping.state,
    StateTransitionReason: 'USER_INITIATED',
  });
  const onMapping = (name: string) => ({
    action: `lambda:${name}`,
    invalid,
    resources: ({ UUID }: { readonly UUID: string }) => [mappingArn(UUID, place)],
  });

  return {
    ListEventSourceMappings: operation(
      listed,
      { action: 'lambda:ListEventSourceMappings', invalid },
      ({ FunctionName, EventSourceArn, MaxItems, Marker }) => {
        const found = mappings
          .map((mapping) => mapping.describe())
          .filter(
            ({ functionName, queueArn }) =>
              (FunctionName === undefined || functionName === nameOfFunction(FunctionName)) &&
              (EventSourceArn === undefined || queueArn === EventSourceArn),
          );
        const { page, NextToken } = pageOf(found, MaxItems, Marker, invalid);
        return { EventSourceMappings: page.map(describe), NextMarker: NextToken };
      },
    ),
    GetEventSourceMapping: operation(one, onMapping('GetEventSourceMapping'), ({ UUID }) =>
      describe(mappingOf(UUID).describe()),
    ),
    UpdateEventSourceMapping: operation(changed, onMapping('UpdateEventSourceMapping'), (input) => {
      const mapping = mappingOf(input.UUID);
      const before = mapping.describe();
      if (input.FunctionName !== undefined && nameOfFunction(input.FunctionName) !== before.functionName) {
        throw new ApiError(
          'NotImplemented',
          'The local cloud cannot move a mapping to another function.',
          501,
        );
      }
      mapping.update({
        ...settingsOf(input, before),
        ...(input.Enabled !== undefined && { enabled: input.Enabled }),
      });
      return describe(mapping.describe());
    }),
  };
}

function settingsOf(input: v.InferOutput<typeof changed>, before: MappingSettings): MappingSettings {
  const settings = {
    batchSize: input.BatchSize ?? before.batchSize,
    windowSeconds: input.MaximumBatchingWindowInSeconds ?? before.windowSeconds,
    // An empty ScalingConfig removes the limit.
    maxConcurrency: input.ScalingConfig ? input.ScalingConfig.MaximumConcurrency : before.maxConcurrency,
  };
  if (settings.batchSize > 10 && settings.windowSeconds < 1) {
    throw new ApiError(
      invalid,
      'A batch size above 10 needs a maximum batching window of at least 1 second.',
    );
  }
  return settings;
}
