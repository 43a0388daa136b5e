import { AssemblyError } from './cloud-assembly.ts';
import { ruleArn, scheduleArn, type Place } from './identity.ts';
import type { EventRuleModel, RuleModel, TriggerModel } from './model.ts';
import type { Resource } from './scope.ts';
import { rule, schedule } from './schemas/events.ts';
import { ofType, readPattern } from './typed.ts';

const isFunction = (arn: string) => arn.includes(':lambda:') && arn.includes(':function:');
const isQueue = (arn: string) => arn.includes(':sqs:');

/** A rule's targets, each combined with the rule. A rule can have a schedule, a pattern or both. */
function ruleTargets(resources: readonly Resource[], place: Place) {
  return ofType(resources, 'AWS::Events::Rule', rule).flatMap(({ resource, properties, where }) => {
    const { ScheduleExpression: expression, EventPattern: pattern, Targets, State } = properties;
    if (expression === undefined && pattern === undefined) {
      throw new AssemblyError(`${where}: a rule needs a ScheduleExpression or an EventPattern`);
    }
    return Targets.map(({ Arn, Input, DeadLetterConfig }) => {
      const name = resource.physicalName;
      const base = { name, arn: ruleArn(name, place), enabled: State === 'ENABLED', input: Input };
      return { base, targetArn: Arn, deadLetterArn: DeadLetterConfig?.Arn, expression, pattern, where };
    });
  });
}

function interpretScheduledRules(resources: readonly Resource[], place: Place): TriggerModel[] {
  return ruleTargets(resources, place).flatMap(({ base, targetArn, expression, where }) => {
    if (expression === undefined) return [];
    if (!isFunction(targetArn)) throw notAFunction(where, targetArn);
    return [{ ...base, expression, functionArn: targetArn, roleArn: undefined }];
  });
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

/** @throws AssemblyError that names the unsupported target or part of the pattern */
export function interpretEventRules(resources: readonly Resource[], place: Place): EventRuleModel[] {
  return ruleTargets(resources, place).flatMap(({ base, targetArn, deadLetterArn, pattern, where }) => {
    if (pattern === undefined) return [];
    if (!isFunction(targetArn) && !isQueue(targetArn)) {
      throw new AssemblyError(`${where}: a target that is neither a function nor a queue: ${targetArn}`);
    }
    const kind = isQueue(targetArn) ? 'queue' : 'function';
    const target = { kind, arn: targetArn } as const;
    return [{ ...base, target, deadLetterArn, pattern: readPattern(pattern, `${where}: EventPattern`) }];
  });
}

function notAFunction(where: string, arn: string): AssemblyError {
  return new AssemblyError(`${where}: a target that is not a function: ${arn}`);
}

function interpretSchedules(resources: readonly Resource[], place: Place): TriggerModel[] {
  return ofType(resources, 'AWS::Scheduler::Schedule', schedule).map(({ resource, properties, where }) => {
    const { Target, ScheduleExpression: expression, State } = properties;
    if (!isFunction(Target.Arn)) throw notAFunction(where, Target.Arn);
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
