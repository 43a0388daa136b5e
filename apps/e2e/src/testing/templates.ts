import type { CloudOptions } from '@data-aggregator/local-cloud';

type Transform = NonNullable<CloudOptions['transformTemplate']>;

/**
 * Changes properties of the one resource that bears a name.
 *
 * @param ending of the value of a property that names it, such as `-reconciler`
 * @param change is given the properties
 */
export function withProperties(
  type: string,
  ending: string,
  change: (properties: Record<string, unknown>) => Record<string, unknown>,
): Transform {
  const names = ['FunctionName', 'AlarmName'];
  return (template) => {
    const resources = Object.entries(template.Resources).map(([id, resource]) => {
      const { Type, Properties = {} } = resource;
      const bears = names.some((name) => String(Properties[name] ?? '').endsWith(ending));
      if (Type !== type || !bears) return [id, resource];
      return [id, { ...resource, Properties: { ...Properties, ...change(Properties) } }];
    });
    return { ...template, Resources: Object.fromEntries(resources) };
  };
}

/** Sets variables of a function's environment. */
export function withVariables(functionName: string, variables: Readonly<Record<string, string>>): Transform {
  return withProperties('AWS::Lambda::Function', `-${functionName}`, ({ Environment }) => {
    const { Variables } = Environment as { Variables: Record<string, unknown> };
    return { Environment: { Variables: { ...Variables, ...variables } } };
  });
}

/** One transformation after the other. */
export function inTurn(...transforms: readonly Transform[]): Transform {
  return (template, stack) => transforms.reduce((changed, transform) => transform(changed, stack), template);
}
