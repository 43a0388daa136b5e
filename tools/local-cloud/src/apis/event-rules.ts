import * as v from 'valibot';
import { ruleArn, type Place } from '../assembly/identity.ts';
import type { RuleModel } from '../assembly/model.ts';
import type { RuleStates } from '../events/rule-states.ts';
import { ApiError, operation, pageOf, wholeNumber, type Api } from './api.ts';

const bus = v.optional(v.string(), 'default');
const oneRule = v.strictObject({ Name: v.pipe(v.string(), v.minLength(1)), EventBusName: bus });
const listed = v.strictObject({
  NamePrefix: v.optional(v.string(), ''),
  EventBusName: bus,
  Limit: v.optional(wholeNumber(1, 100), 100),
  NextToken: v.optional(v.string()),
});

/** EventBridge's DescribeRule, DisableRule, EnableRule and ListRules. */
export function eventRulesApi(rules: readonly RuleModel[], states: RuleStates, place: Place): Api {
  const describe = ({ name, arn, scheduleExpression, eventPattern, description }: RuleModel) => ({
    Name: name,
    Arn: arn,
    State: states.isEnabled(arn) ? 'ENABLED' : 'DISABLED',
    ScheduleExpression: scheduleExpression,
    EventPattern: eventPattern,
    Description: description,
    EventBusName: 'default',
  });

  function ruleOf({ Name, EventBusName }: v.InferOutput<typeof oneRule>): RuleModel {
    refuseOtherBus(EventBusName);
    const rule = rules.find(({ name }) => name === Name);
    if (!rule) {
      throw new ApiError('ResourceNotFoundException', `Rule ${Name} does not exist on EventBus default.`);
    }
    return rule;
  }

  const onRule = (action: string) => ({
    action,
    resources: ({ Name }: v.InferOutput<typeof oneRule>) => [ruleArn(Name, place)],
  });
  const set = (name: string, enabled: boolean) =>
    operation(oneRule, onRule(`events:${name}`), (input) => {
      states.set(ruleOf(input).arn, enabled);
      return {};
    });

  return {
    DescribeRule: operation(oneRule, onRule('events:DescribeRule'), (input) => describe(ruleOf(input))),
    DisableRule: set('DisableRule', false),
    EnableRule: set('EnableRule', true),
    ListRules: operation(listed, { action: 'events:ListRules' }, (input) => {
      refuseOtherBus(input.EventBusName);
      const found = rules.filter(({ name }) => name.startsWith(input.NamePrefix));
      const { page, ...more } = pageOf(found, input.Limit, input.NextToken, 'ValidationException');
      return { Rules: page.map(describe), ...more };
    }),
  };
}

function refuseOtherBus(name: string): void {
  if (name === 'default' || name.endsWith(':event-bus/default')) return;
  throw new ApiError('ResourceNotFoundException', `Event bus ${name} does not exist.`);
}
