import { identityOf } from '@data-aggregator/shared-processing/s3-event';
import { checkDelivery } from '@data-aggregator/pipeline-client';
import type { Consumed } from './consume.ts';
import type { Check, Expected } from './run.ts';

/**
 * Returns one check per sent object, that it ended up as expected with unchanged bytes, and one for each unexpected member.
 */
export function judge(expected: readonly Expected[], { bundles, quarantined, inTime }: Consumed): Check[] {
  const sent = expected.map(({ object }) => object);
  const delivery = checkDelivery(sent, bundles, quarantined);
  const delivered = new Set(delivery.delivered);
  const wrong = new Map(delivery.mismatched.map(({ key, problem }) => [key, problem]));
  const publishedAt = new Map(
    bundles.flatMap((bundle) => bundle.members.map((member) => [identityOf(member), bundle.publishedAt])),
  );
  const checks = expected.map(({ object, landedAt, quarantined: wanted }): Check => {
    const id = identityOf(object);
    const name = wanted === undefined ? object.key : `${object.key} is quarantined`;
    if (delivered.has(object)) {
      const seconds = Math.max(0, ((publishedAt.get(id) ?? landedAt) - landedAt) / 1000);
      const problem = wanted === undefined ? undefined : 'it was delivered';
      return { name, problem, seconds };
    }
    const why = quarantined.get(id);
    if (why && !wrong.has(object.key)) {
      const problem = why.reason === wanted ? undefined : `it is in a dead letter: ${why.reason}`;
      return { name, problem };
    }
    return { name, problem: wrong.get(object.key) ?? 'it is in no bundle and in no dead letter' };
  });
  const keys = new Set(sent.map(({ key }) => key));
  const foreign = delivery.mismatched.filter(({ key }) => !keys.has(key));
  return [
    ...checks,
    ...foreign.map(({ key, problem }) => ({ name: key, problem })),
    ...(inTime
      ? []
      : [{ name: 'everything is processed in time', problem: 'the time limit of the scenario has passed' }]),
  ];
}
