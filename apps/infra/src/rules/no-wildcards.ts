import { at, listAt, type Resource } from '../templates/resources.ts';
import type { Rule } from './rule.ts';

/** Actions for which IAM knows no resource, so that `*` is all that can be said. */
const WITHOUT_RESOURCE: Readonly<Record<string, string>> = {
  'xray:PutTraceSegments': 'a trace segment is not named before it is sent',
  'xray:PutTelemetryRecords': 'telemetry has no name',
  'ec2:CreateNetworkInterface': "Lambda makes a function's interfaces in the function's own name",
  'ec2:DescribeNetworkInterfaces': 'describing has no resource',
  'ec2:DescribeSubnets': 'describing has no resource',
  'ec2:DeleteNetworkInterface': 'an interface is not named before it is made',
  'ec2:AssignPrivateIpAddresses': 'an interface is not named before it is made',
  'ec2:UnassignPrivateIpAddresses': 'an interface is not named before it is made',
};

/** What is allowed is named: no `*` in an action, and none as a resource but for the actions above. */
export const noWildcards: Rule = {
  name: 'NoWildcards',
  fix: 'Name the actions and the resources, or add the action, with its reason, to rules/no-wildcards.ts.',
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
  if (at(statement, 'NotAction') !== undefined) found.push('it allows every action but some');
  if (strings(at(statement, 'Resource')).includes('*')) {
    const unnamed = actions.filter((action) => WITHOUT_RESOURCE[action] === undefined);
    found.push(...unnamed.map((action) => `it allows "${action}" on every resource`));
  }
  return found;
}

function strings(value: unknown): string[] {
  return [value].flat().filter((entry) => typeof entry === 'string');
}
