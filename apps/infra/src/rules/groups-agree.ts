import { GroupByError, parseGroupBy } from '@data-aggregator/shared-processing/groups';
import { at, ofType, type Resource } from '../templates/resources.ts';
import type { Rule } from './rule.ts';

/**
 * The bundling functions divide bundles into the same groups. Otherwise the large files of a group are where its consumer does not look, or
 * where another group's consumer does.
 */
export const groupsAgree: Rule = {
  name: 'GroupsAgree',
  fix: 'Set everyFunction.environment.BUNDLE_GROUP_BY, instead of that of single functions, to a valid value.',
  check(templates) {
    const functions = ofType(templates, 'AWS::Lambda::Function').filter(isBundling);
    const values = new Set(functions.map(groupByOf));
    return functions.flatMap((resource) => {
      const value = groupByOf(resource);
      if (values.size > 1) {
        return {
          resource,
          problem: `its BUNDLE_GROUP_BY is ${value ?? 'not set'}, which differs between the bundling functions`,
        };
      }
      const expected = value === undefined ? undefined : problemOf(value);
      return expected === undefined
        ? []
        : { resource, problem: `its BUNDLE_GROUP_BY is ${value}: expected ${expected}` };
    });
  },
};

/** Only functions that bundle have dead letters for single notifications, and a bucket for bundles. */
function isBundling(resource: Resource): boolean {
  const variable = (name: string) => at(resource.properties, 'Environment', 'Variables', name);
  return variable('DEAD_LETTER_QUEUE_URL') !== undefined && variable('DISTRIBUTION_BUCKET') !== undefined;
}

function groupByOf({ properties }: Resource): string | undefined {
  const value = at(properties, 'Environment', 'Variables', 'BUNDLE_GROUP_BY');
  return value === undefined || value === '' ? undefined : String(value);
}

function problemOf(value: string): string | undefined {
  try {
    parseGroupBy(value);
    return undefined;
  } catch (error) {
    if (error instanceof GroupByError) return error.message;
    throw error;
  }
}
