import { listAt, numberAt, type Resource } from './resources.ts';

/** Days after which the first lifecycle rule of a bucket deletes noncurrent versions; infinite if none does. */
export function noncurrentDays(bucket: Resource): number {
  return shortest(bucket, 'NoncurrentVersionExpiration', 'NoncurrentDays');
}

/** Days after which the first lifecycle rule of a bucket expires current objects; infinite if none does. */
export function currentDays(bucket: Resource): number {
  return shortest(bucket, 'ExpirationInDays');
}

/** Days after which the first lifecycle rule of a bucket moves objects to another class; infinite if none does. */
export function transitionDays(bucket: Resource): number {
  return shortest(bucket, 'Transitions', 0, 'TransitionInDays');
}

function shortest({ properties }: Resource, ...path: (string | number)[]): number {
  const days = listAt(properties, 'LifecycleConfiguration', 'Rules')
    .map((rule) => numberAt(rule, ...path))
    .filter((value) => !Number.isNaN(value));
  return Math.min(...days, Number.POSITIVE_INFINITY);
}
