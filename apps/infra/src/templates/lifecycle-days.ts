import { listAt, numberAt, type Resource } from './resources.ts';

/** The shortest that any rule of a bucket keeps noncurrent versions, in days; infinite without one. */
export function noncurrentDays(bucket: Resource): number {
  return shortest(bucket, 'NoncurrentVersionExpiration', 'NoncurrentDays');
}

/** The shortest that any rule of a bucket keeps current objects, in days; infinite without one. */
export function currentDays(bucket: Resource): number {
  return shortest(bucket, 'ExpirationInDays');
}

/** The shortest after which any rule of a bucket moves objects, in days; infinite without one. */
export function transitionDays(bucket: Resource): number {
  return shortest(bucket, 'Transitions', 0, 'TransitionInDays');
}

function shortest({ properties }: Resource, ...path: (string | number)[]): number {
  const days = listAt(properties, 'LifecycleConfiguration', 'Rules')
    .map((rule) => numberAt(rule, ...path))
    .filter((value) => !Number.isNaN(value));
  return Math.min(...days, Number.POSITIVE_INFINITY);
}
