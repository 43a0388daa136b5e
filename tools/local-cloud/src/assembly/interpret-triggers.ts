import { EventPatternError, parseEventPattern } from '../events/event-pattern.ts';
import { AssemblyError } from './cloud-assembly.ts';
import { ruleArn, scheduleArn, type Place } from './identity.ts';
import type { EventRuleModel, RuleModel, TriggerModel } from './model.ts';
import type { Resource } from './scope.ts';
import { rule, schedule } from './schemas/events.ts';
import { ofType } from './typed.ts';

const isFunction = (arn: string) => arn.includes(':lambda:') && arn.includes(':function:');

/** A rule's targets, each combined with the rule. A rule can have a schedule, a pattern or both. */
function ruleTargets(resources: readonly Resource[], place: Place) {
  return ofType(resources, 'AWS::Events::Rule', rule).flatMap(({ resource, properties, where }) => {
    const { ScheduleExpression: expression, EventPattern: pattern, Targets, State } = properties;
    if (expression === undefined && pattern === undefined) {
      throw new AssemblyError(`${where}: a rule needs a ScheduleExpression or an EventPattern`);
    }
    return Targets.map(({ Arn, Input }) => {
      if (!isFunction(Arn)) throw new AssemblyError(`${where}: a target that is not a function: ${Arn}`);
      const name = resource.physicalName;
      const target = {
        name,
        arn: ruleArn(name, place),
        enabled: State === 'ENABLED',
        functionArn: Arn,
        input: Input,
      };
      return { target, expression, pattern, where };
    });
  });
}

function interpretScheduledRules(resources: readonly Resource[], place: Place): TriggerModel[] {
  return ruleTargets(resources, place).flatMap(({ target, expression }) =>
    expression === undefined ? [] : [{ ...target, expression, roleArn: undefined }],
  );
}

/** Rules as the API describes them. */
export function interpretRules(resources: readonly Resource[], place: Place): RuleModel[] {
  return ofType(resources, 'AWS::Events::Rule', rule).map(
    ({ resource: { physicalName: name }, properties }) => ({
      name,
      arn: ruleArn(name, place),
      enabled: properties.State === 'ENABLED',
      scheduleExpression: properties.ScheduleExpression,
      eventPattern: properties.EventPattern && JSON.stringify(properties.EventPattern),
      description: properties.Description,
    }),
  );
}

/** @throws AssemblyError that names the unsupported part of the pattern */
export function interpretEventRules(resources: readonly Resource[], place: Place): EventRuleModel[] {
  return ruleTargets(resources, place).flatMap(({ target, pattern, where }) => {
    if (pattern === undefined) return [];
    try {
      return [{ ...target, pattern: parseEventPattern(pattern) }];
    } catch (error) {
      if (error instanceof EventPatternError)
        throw new AssemblyError(`${where}: EventPattern: ${error.message}`);
      throw error;
    }
  });
}

function interpretSchedules(resources: readonly Resource[], place: Place): TriggerModel[] {
  return ofType(resources, 'AWS::Scheduler::Schedule', schedule).map(({ resource, properties, where }) => {
    const { Target, ScheduleExpression: expression, State } = properties;
    if (!isFunction(Target.Arn))
      throw new AssemblyError(`${where}: a target that is not a function: ${Target.Arn}`);
    const name = resource.physicalName;
    return {
      name,
      arn: scheduleArn(name, place),
      expression,
      enabled: State === 'ENABLED',
      functionArn: Target.Arn,
      input: Target.Input ?? '{}',
      roleArn: Target.RoleArn,
    };
  });
}

export function interpretTriggers(resources: readonly Resource[], place: Place): TriggerModel[] {
  return [...interpretScheduledRules(resources, place), ...interpretSchedules(resources, place)];
}
