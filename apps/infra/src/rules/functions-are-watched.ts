import { logMetricName } from '../conventions/names.ts';
import { RESOURCE_TAG } from '../conventions/tags.ts';
import {
  at,
  listAt,
  numberAt,
  ofType,
  type Resource,
  tagOf,
  type Templates,
} from '../templates/resources.ts';
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

function logProblems({ resources }: Templates, { stack, properties }: Resource): string[] {
  const target = at(properties, 'LoggingConfig', 'LogGroup', 'Ref');
  const group = resources.find((other) => other.stack === stack && other.logicalId === target);
  return numberAt(group?.properties, 'RetentionInDays') > 0 ? [] : ['its logs never expire'];
}

function alarmProblems(templates: Templates, fn: Resource): string[] {
  const alarms = ofType(templates, 'AWS::CloudWatch::Alarm');
  const name = fn.properties.FunctionName;
  const logMetrics = (['Timeouts', 'MaxMemoryUsedMB'] as const).map((metric) =>
    logMetricName(templates.environment.name, tagOf(fn, RESOURCE_TAG), metric),
  );
  const watched = (metric: string) =>
    alarms.some(
      ({ properties }) =>
        properties.MetricName === metric &&
        (logMetrics.includes(metric) ||
          listAt(properties, 'Dimensions').some((dimension) => at(dimension, 'Value') === name)),
    );
  return ['Errors', 'Throttles', 'Duration', ...logMetrics]
    .filter((metric) => !watched(metric))
    .map((metric) => `it has no alarm on ${metric}`);
}
