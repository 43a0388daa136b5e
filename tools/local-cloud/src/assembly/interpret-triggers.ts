import { AssemblyError } from './cloud-assembly.ts';
import { ruleArn, scheduleArn, type Place } from './identity.ts';
import type { TriggerModel } from './model.ts';
import type { Resource } from './scope.ts';
import { rule, schedule } from './schemas/events.ts';
import { ofType } from './typed.ts';

const isFunction = (arn: string) => arn.includes(':lambda:') && arn.includes(':function:');

function interpretRules(resources: readonly Resource[], place: Place): TriggerModel[] {
  return ofType(resources, 'AWS::Events::Rule', rule).flatMap(({ resource, properties, where }) => {
    const { ScheduleExpression: expression, Targets, State, EventPattern } = properties;
    if (EventPattern)
      throw new AssemblyError(`${where}: EventPattern: only schedules are known to the local cloud`);
    if (expression === undefined) throw new AssemblyError(`${where}: a rule without a ScheduleExpression`);
    return Targets.map(({ Arn, Input }) => {
      if (!isFunction(Arn)) throw new AssemblyError(`${where}: a target that is no function: ${Arn}`);
      const name = resource.physicalName;
      const enabled = State === 'ENABLED';
      return {
        name,
        arn: ruleArn(name, place),
        expression,
        enabled,
        functionArn: Arn,
        input: Input,
        roleArn: undefined,
      };
    });
  });
}

function interpretSchedules(resources: readonly Resource[], place: Place): TriggerModel[] {
  return ofType(resources, 'AWS::Scheduler::Schedule', schedule).map(({ resource, properties, where }) => {
    const { Target, ScheduleExpression: expression, State } = properties;
    if (!isFunction(Target.Arn))
      throw new AssemblyError(`${where}: a target that is no function: ${Target.Arn}`);
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
  return [...interpretRules(resources, place), ...interpretSchedules(resources, place)];
}
