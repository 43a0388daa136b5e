import type { CloudModel, TriggerModel } from '../assembly/model.ts';

/**
 * Which rules and schedules are enabled: initially as in the templates, later changed by DisableRule and EnableRule.
 */
export interface RuleStates {
  /** @param arn ARN of a rule or of a Scheduler schedule */
  readonly isEnabled: (arn: string) => boolean;
  readonly set: (arn: string, enabled: boolean) => void;
}

export function createRuleStates({ rules, triggers }: Pick<CloudModel, 'rules' | 'triggers'>): RuleStates {
  const states = new Map(
    [...triggers, ...rules].map(({ arn, enabled }: Pick<TriggerModel, 'arn' | 'enabled'>) => [arn, enabled]),
  );
  return {
    isEnabled: (arn) => states.get(arn) === true,
    set: (arn, enabled) => void states.set(arn, enabled),
  };
}
