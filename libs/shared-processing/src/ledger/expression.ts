import type { Condition } from './table.ts';

interface ConditionExpression {
  ConditionExpression?: string;
  ExpressionAttributeNames?: Record<string, string>;
  ExpressionAttributeValues?: Record<string, string | number>;
  ReturnValuesOnConditionCheckFailure?: 'ALL_OLD';
}

/** A Condition as DynamoDB takes it. */
export function expression(condition: Condition | undefined): ConditionExpression {
  if (condition === undefined) return {};
  const ask = { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const };
  if (condition.kind === 'absent') return { ConditionExpression: 'attribute_not_exists(id)', ...ask };
  const attributes = Object.entries(condition.attributes);
  return {
    ConditionExpression: attributes.map((_, i) => `#a${i} = :v${i}`).join(' AND '),
    ExpressionAttributeNames: Object.fromEntries(attributes.map(([name], i) => [`#a${i}`, name])),
    ExpressionAttributeValues: Object.fromEntries(attributes.map(([, value], i) => [`:v${i}`, value])),
    ...ask,
  };
}
