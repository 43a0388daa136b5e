import type { CloudModel, TriggerModel } from '../assembly/model.ts';

/** Which rules and schedules are enabled. The templates say so at the start; DisableRule and EnableRule change it. */
export interface RuleStates {
  /** @param arn of a rule, or of a schedule of the Scheduler */
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
