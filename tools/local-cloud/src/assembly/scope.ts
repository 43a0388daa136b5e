import type { Stack } from './cloud-assembly.ts';
import { AssemblyError } from './cloud-assembly.ts';
import type { Place } from './identity.ts';
import { accountId, generatedName, identityOf, partition, urlSuffix } from './identity.ts';
import { holds, resolveIntrinsics, type Lookups } from './intrinsics.ts';

/** A resource that exists (its condition holds), with its physical name and a way to read its properties. */
export interface Resource {
  readonly stack: Stack;
  readonly logicalId: string;
  readonly type: string;
  readonly physicalName: string;
  /** All properties with every intrinsic function evaluated; evaluated when asked, since some types never are. */
  readonly properties: () => unknown;
}

/**
 * The resources of a stack. Names are resolved lazily, since a name may be put together from another resource's.
 *
 * @throws AssemblyError with stack and logical id, when an intrinsic function cannot be evaluated
 */
export function resourcesOf(stack: Stack, place: Place): Resource[] {
  const { Parameters, Conditions, Resources } = stack.template;
  const pseudo: Readonly<Record<string, string>> = {
    'AWS::AccountId': accountId,
    'AWS::Region': place.region,
    'AWS::Partition': partition,
    'AWS::URLSuffix': urlSuffix,
    'AWS::StackName': stack.name,
    'AWS::StackId': `arn:${partition}:cloudformation:${place.region}:${accountId}:stack/${stack.name}/local`,
  };

  const lookups: Lookups = {
    ref: (name) => {
      const resource = Resources[name];
      if (resource) return identityOf(resource.Type).ref(nameOf(name), place);
      return pseudo[name] ?? Parameters[name]?.Default;
    },
    attribute: (logicalId, attribute) => {
      const resource = Resources[logicalId];
      if (!resource) throw new AssemblyError(`Fn::GetAtt ${logicalId}.${attribute} refers to nothing`);
      const { attributes, ref } = identityOf(resource.Type);
      return (attributes[attribute] ?? ref)(nameOf(logicalId), place);
    },
    condition: (name) => Conditions[name],
  };

  function nameOf(logicalId: string): string {
    const resource = Resources[logicalId];
    const property = resource === undefined ? undefined : identityOf(resource.Type).nameProperty;
    const given = property === undefined ? undefined : resource?.Properties[property];
    const name = resolveIntrinsics(given, lookups);
    return typeof name === 'string' ? name : generatedName(stack.name, logicalId);
  }

  function locating<T>(logicalId: string, type: string, read: () => T): T {
    try {
      return read();
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new AssemblyError(`stack ${stack.name}, ${logicalId} (${type}): ${reason}`, { cause });
    }
  }

  return Object.entries(Resources)
    .filter(
      ([id, { Type, Condition }]) =>
        Condition === undefined || locating(id, Type, () => holds(Condition, lookups)),
    )
    .map(([logicalId, { Type: type, Properties }]) => ({
      stack,
      logicalId,
      type,
      physicalName: locating(logicalId, type, () => nameOf(logicalId)),
      properties: () => locating(logicalId, type, () => resolveIntrinsics(Properties, lookups)),
    }));
}
