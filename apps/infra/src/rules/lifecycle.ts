import { listAt, numberAt, type Resource } from './rule.ts';

/** The shortest that any enabled rule of a bucket keeps noncurrent versions, in days; for ever without one. */
export function noncurrentDays(bucket: Resource): number {
  const days = listAt(bucket.properties, 'LifecycleConfiguration', 'Rules')
    .map((rule) => numberAt(rule, 'NoncurrentVersionExpiration', 'NoncurrentDays'))
    .filter((value) => !Number.isNaN(value));
  return Math.min(...days, Number.POSITIVE_INFINITY);
}
