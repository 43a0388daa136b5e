import { highMemoryMetricName } from '../conventions/names.ts';
import { at, listAt, numberAt, ofType, type Resource, type Templates } from '../templates/resources.ts';
import type { Rule } from './rule.ts';

/** Without alarms a failing function loses files silently; without log retention its costs grow forever. */
export const functionsAreWatched: Rule = {
  name: 'FunctionsAreWatched',
  fix: 'Give the function a log group with a retention and the alarms of observability/function-alarms.ts.',
  check(templates) {
    return ofType(templates, 'AWS::Lambda::Function').flatMap((resource) =>
      [...logProblems(templates, resource), ...alarmProblems(templates, resource)].map((problem) => ({
        resource,
        problem,
      })),
    );
  },
};

function logProblems(templates: Templates, { stack, properties }: Resource): string[] {
  const target = at(properties, 'LoggingConfig', 'LogGroup', 'Ref');
  const group = templates.resources.find((other) => other.stack === stack && other.logicalId === target);
  const metric = highMemoryMetricName(templates.environment.name);
  const filtered = ofType(templates, 'AWS::Logs::MetricFilter').some(
    (filter) =>
      filter.stack === stack &&
      at(filter.properties, 'LogGroupName', 'Ref') === target &&
      at(filter.properties, 'MetricTransformations', 0, 'MetricName') === metric,
  );
  const alarmed = ofType(templates, 'AWS::CloudWatch::Alarm').some(
    (alarm) => alarm.properties.MetricName === metric,
  );
  return [
    ...(numberAt(group?.properties, 'RetentionInDays') > 0 ? [] : ['its logs never expire']),
    ...(filtered && alarmed ? [] : ['it has no alarm on its memory']),
  ];
}

function alarmProblems(templates: Templates, fn: Resource): string[] {
  const alarms = ofType(templates, 'AWS::CloudWatch::Alarm');
  const name = fn.properties.FunctionName;
  const watched = (metric: string) =>
    alarms.some(
      ({ properties }) =>
        properties.MetricName === metric &&
        listAt(properties, 'Dimensions').some((dimension) => at(dimension, 'Value') === name),
    );
  const hasQueue = ofType(templates, 'AWS::Lambda::EventSourceMapping').some(
    ({ stack, properties }) => stack === fn.stack && at(properties, 'FunctionName', 'Ref') === fn.logicalId,
  );
  return ['Errors', ...(hasQueue ? ['Throttles', 'Duration'] : [])]
    .filter((metric) => !watched(metric))
    .map((metric) => `it has no alarm on ${metric}`);
}
