import * as v from 'valibot';
import { type EventPattern, EventPatternError, parseEventPattern } from '../events/event-pattern.ts';
import { AssemblyError } from './cloud-assembly.ts';
import type { Resource } from './scope.ts';

/** A resource with validated properties. */
export interface Typed<T> {
  readonly resource: Resource;
  readonly properties: T;
  /** Location for errors: stack, logical id, type. */
  readonly where: string;
}

/** All resources of a type, with validated properties. @throws AssemblyError that names the unsupported property */
export function ofType<const S extends v.GenericSchema>(
  resources: readonly Resource[],
  type: string,
  schema: S,
): Typed<v.InferOutput<S>>[] {
  return resources
    .filter((resource) => resource.type === type)
    .map((resource) => {
      const where = `stack ${resource.stack.name}, ${resource.logicalId} (${type})`;
      const parsed = v.safeParse(schema, resource.properties());
      if (parsed.success) return { resource, properties: parsed.output, where };
      const [issue] = parsed.issues;
      const unknown = issue.type === 'strict_object' && issue.expected === 'never';
      const reason = unknown ? 'this property is not supported by the local cloud' : issue.message;
      throw new AssemblyError(`${where}: ${v.getDotPath(issue) ?? 'properties'}: ${reason}`);
    });
}

/** Reads an event pattern or a filter policy. @throws AssemblyError that names the unsupported part */
export function readPattern(pattern: unknown, where: string): EventPattern {
  try {
    return parseEventPattern(pattern);
  } catch (error) {
    if (error instanceof EventPatternError) throw new AssemblyError(`${where}: ${error.message}`);
    throw error;
  }
}
