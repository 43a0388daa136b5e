import { components } from '../app/component.ts';
import { UserError } from '../user-error.ts';

export interface Selection {
  component?: string | undefined;
  /** Name of one function: selects only its stack. */
  function?: string | undefined;
}

/**
 * The selected stacks in the order of their deployment.
 *
 * @param stacks ids of the environment's stacks, such as `stateful` and `application-aggregator`
 * @throws UserError if the component or function does not exist
 */
export function select(stacks: readonly string[], selection: Selection): string[] {
  if (selection.function !== undefined) return oneFunction(stacks, selection.function);
  const wanted = selection.component;
  if (wanted !== undefined && !components.some((component) => component === wanted)) {
    throw new UserError(`There is no component "${wanted}". Components: ${components.join(', ')}.`);
  }
  const selected = components
    .filter((component) => wanted === undefined || component === wanted)
    .flatMap((component) =>
      stacks.filter((stack) => stack === component || stack.startsWith(`${component}-`)),
    );
  if (selected.length === 0) throw new UserError(`This environment has no ${String(wanted)} component.`);
  return selected;
}

function oneFunction(stacks: readonly string[], fn: string): string[] {
  const prefix = 'application-';
  const stack = `${prefix}${fn}`;
  if (stacks.includes(stack)) return [stack];
  const functions = stacks
    .filter((candidate) => candidate.startsWith(prefix))
    .map((candidate) => candidate.slice(prefix.length));
  throw new UserError(`There is no function "${fn}". Functions: ${functions.join(', ')}.`);
}
