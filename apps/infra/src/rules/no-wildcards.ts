import { at, listAt, type Resource } from '../templates/resources.ts';
import type { Rule } from './rule.ts';

/** Actions for which IAM has no resource types that could be named here, so that `*` is the only choice; with the reason. */
const WITHOUT_RESOURCE: Readonly<Record<string, string>> = {
  'xray:PutTraceSegments': 'trace segments have no ARN',
  'xray:PutTelemetryRecords': 'telemetry records have no ARN',
  'ec2:CreateNetworkInterface': "Lambda creates a function's network interfaces with the function's role",
  'ec2:DescribeNetworkInterfaces': 'describe actions support no resources',
  'ec2:DescribeSubnets': 'describe actions support no resources',
  'ec2:DeleteNetworkInterface': 'the interface id is unknown until Lambda creates it',
  'ec2:AssignPrivateIpAddresses': 'the interface id is unknown until Lambda creates it',
  'ec2:UnassignPrivateIpAddresses': 'the interface id is unknown until Lambda creates it',
};

/** Allow statements name their actions and resources: no `*` in an action, and `*` as a resource only for the actions above. */
export const noWildcards: Rule = {
  name: 'NoWildcards',
  fix: 'Name the actions and the resources, or add the action with a reason to rules/no-wildcards.ts.',
  check({ resources }) {
    return resources.flatMap((resource) =>
      allowStatements(resource).flatMap((statement) =>
        problems(statement).map((problem) => ({ resource, problem })),
      ),
    );
  },
};

function allowStatements({ properties }: Resource): unknown[] {
  const documents = [
    at(properties, 'PolicyDocument'),
    at(properties, 'AssumeRolePolicyDocument'),
    ...listAt(properties, 'Policies').map((policy) => at(policy, 'PolicyDocument')),
  ];
  return documents
    .flatMap((document) => listAt(document, 'Statement'))
    .filter((statement) => at(statement, 'Effect') === 'Allow');
}

function problems(statement: unknown): string[] {
  const actions = strings(at(statement, 'Action'));
  const found = actions
    .filter((action) => action.includes('*'))
    .map((action) => `it allows the action "${action}"`);
  if (at(statement, 'NotAction') !== undefined) found.push('it allows all actions except a list (NotAction)');
  if (strings(at(statement, 'Resource')).includes('*')) {
    const unnamed = actions.filter((action) => WITHOUT_RESOURCE[action] === undefined);
    found.push(...unnamed.map((action) => `it allows "${action}" on every resource`));
  }
  return found;
}

function strings(value: unknown): string[] {
  return [value].flat().filter((entry) => typeof entry === 'string');
}
