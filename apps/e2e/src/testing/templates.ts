import type { CloudOptions } from '@data-aggregator/local-cloud';

type Transform = NonNullable<CloudOptions['transformTemplate']>;

/**
 * Changes properties of the resource with the given name.
 *
 * @param ending of its name, such as `-reconciler`
 * @param change receives the current properties
 */
export function withProperties(
  type: string,
  ending: string,
  change: (properties: Record<string, unknown>) => Record<string, unknown>,
): Transform {
  const names = ['FunctionName', 'AlarmName', 'FilterName'];
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

/** Sets environment variables of a function. */
export function withVariables(functionName: string, variables: Readonly<Record<string, string>>): Transform {
  return withProperties('AWS::Lambda::Function', `-${functionName}`, ({ Environment }) => {
    const { Variables } = Environment as { Variables: Record<string, unknown> };
    return { Environment: { Variables: { ...Variables, ...variables } } };
  });
}

/** Applies transformations one after another. */
export function inTurn(...transforms: readonly Transform[]): Transform {
  return (template, stack) => transforms.reduce((changed, transform) => transform(changed, stack), template);
}
