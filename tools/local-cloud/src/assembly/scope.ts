import { type Stack, AssemblyError } from './cloud-assembly.ts';
import {
  type Place,
  accountId,
  generatedName,
  identityOf,
  partition,
  stackId,
  urlSuffix,
} from './identity.ts';
import { holds, resolveIntrinsics, type Lookups } from './intrinsics.ts';
import type { StackModel } from './model.ts';

/** An existing resource (its condition holds), with its physical name and its properties. */
export interface Resource {
  readonly stack: Stack;
  readonly logicalId: string;
  readonly type: string;
  readonly physicalName: string;
  /** Evaluates the intrinsic functions in all properties. Lazy, because the properties of some types are never read. */
  readonly properties: () => unknown;
}

/** The reference targets of a stack. Names are resolved lazily, because one name can contain another. */
function scopeOf(stack: Stack, place: Place) {
  const { Parameters, Conditions, Resources } = stack.template;
  const pseudo: Readonly<Record<string, string>> = {
    'AWS::AccountId': accountId,
    'AWS::Region': place.region,
    'AWS::Partition': partition,
    'AWS::URLSuffix': urlSuffix,
    'AWS::StackName': stack.name,
    'AWS::StackId': stackId(stack.name, place),
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

  /** Adds the location to an IntrinsicError. */
  function locating<T>(logicalId: string, type: string, read: () => T): T {
    try {
      return read();
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new AssemblyError(`stack ${stack.name}, ${logicalId} (${type}): ${reason}`, { cause });
    }
  }

  return { lookups, nameOf, locating };
}

/**
 * The resources of a stack.
 *
 * @throws AssemblyError with stack and logical id if an intrinsic function cannot be evaluated
 */
export function resourcesOf(stack: Stack, place: Place): Resource[] {
  const { lookups, nameOf, locating } = scopeOf(stack, place);
  return Object.entries(stack.template.Resources)
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

/**
 * A stack with default parameter values and outputs.
 *
 * @throws AssemblyError that names an output that cannot be evaluated
 */
export function describeStack(stack: Stack, place: Place): StackModel {
  const { lookups, locating } = scopeOf(stack, place);
  const { Description: description, Parameters, Outputs } = stack.template;
  const inText = (value: unknown) => {
    const resolved = resolveIntrinsics(value, lookups);
    return resolved === undefined ? undefined : String(resolved);
  };
  const outputs = Object.entries(Outputs).flatMap(([key, output]) =>
    locating(key, 'output', () => {
      if (output.Condition !== undefined && !holds(output.Condition, lookups)) return [];
      const exportName = output.Export === undefined ? undefined : inText(output.Export.Name);
      return [{ key, value: inText(output.Value) ?? '', description: output.Description, exportName }];
    }),
  );
  const parameters = Object.entries(Parameters).map(([key, { Default }]) => ({
    key,
    value: String(Default ?? ''),
  }));
  return { name: stack.name, id: stackId(stack.name, place), description, parameters, outputs };
}
