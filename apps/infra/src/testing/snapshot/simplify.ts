import type { CloudAssembly } from 'aws-cdk-lib/cx-api';

type Json = Readonly<Record<string, unknown>>;

/** A part of a template that a reviewer reads as one: a resource, or a stack's tags, outputs, parameters or conditions. */
export interface Block {
  /** Such as `stateful`. */
  stack: string;
  /** The logical id without CDK's hash, with the type: `Landing (AWS::S3::Bucket)`. */
  title: string;
  content: Json;
}

/** Every CDK stack has these two. */
const BOILERPLATE = new Set(['BootstrapVersion', 'CheckBootstrapVersion']);

/** The hash that CDK appends to the ids of its own constructs. */
const CONSTRUCT_HASH = /[0-9A-F]{8}$/;
const ARTIFACT_HASH = /[0-9a-f]{64}/g;

/**
 * An environment's templates in the form of the snapshot. Differs from CloudFormation's form as follows:
 *
 * - hashes of artifacts and construct ids are gone, because they change without a change of the infrastructure;
 * - references are `<LogicalId.Attribute>` and `<Region>` inside plain strings;
 * - a policy statement is `{Allow: actions, on: resources, to: principals, if: conditions}`;
 * - tags and dimensions are maps, and the tags that all resources of a stack share are listed once;
 * - a dashboard's body is JSON instead of a string.
 */
export function simplify({ stacks }: CloudAssembly): Block[] {
  return stacks.flatMap(({ id, template }) => simplifyStack(id, template as Json));
}

function simplifyStack(stack: string, template: Json): Block[] {
  const { Resources = {}, Rules, ...sections } = simplifyValue(template) as Record<string, Json>;
  const shared = sharedTags(Object.values(Resources) as Json[]);
  const resources = Object.entries(Resources).map(([id, resource]): Block => {
    const { Type, Properties = {}, ...attributes } = resource as { Type: string; Properties?: Json };
    const { Tags = {}, ...properties } = Properties;
    const own = Object.entries(Tags as Json).filter(([key]) => shared[key] === undefined);
    const tags = own.length === 0 ? {} : { Tags: Object.fromEntries(own) };
    return { stack, title: `${id} (${Type})`, content: { ...attributes, ...tags, ...properties } };
  });
  const others = Object.entries({ 'Tags of all resources': shared, ...sections, ...(Rules && { Rules }) })
    .map(([title, content]) => ({ stack, title, content }))
    .filter(({ content }) => Object.keys(content).length > 0);
  const blocks = [...others, ...resources];
  if (new Set(blocks.map(({ title }) => title)).size < blocks.length) {
    throw new Error(`Two resources of ${stack} have the same id and type apart from CDK's hash.`);
  }
  return blocks;
}

/** The tags that every tagged resource of a stack has with the same value. */
function sharedTags(resources: readonly Json[]): Record<string, unknown> {
  const [first = {}, ...others] = resources.flatMap(({ Properties }) => {
    const { Tags } = (Properties ?? {}) as { Tags?: Json };
    return Tags === undefined ? [] : [Tags];
  });
  return Object.fromEntries(
    Object.entries(first).filter(([key, value]) => others.every((tags) => tags[key] === value)),
  );
}

function simplifyValue(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll(ARTIFACT_HASH, '<hash>');
  if (Array.isArray(value)) {
    const items: unknown[] = value.map(simplifyValue);
    return items.length > 0 && items.every(isPair)
      ? Object.fromEntries(items.map((pair) => Object.values(pair) as [string, unknown]))
      : items;
  }
  if (typeof value !== 'object' || value === null) return value;
  return intrinsic(value as Json) ?? simplifyObject(value as Json);
}

/** Whether a value is a tag (`Key`, `Value`) or a dimension (`Name`, `Value`). */
function isPair(value: unknown): value is object {
  return typeof value === 'object' && value !== null && /^(Key|Name),Value$/.test(Object.keys(value).join());
}

/** The string that an intrinsic function stands for; undefined for any other object. */
function intrinsic(value: Json): string | undefined {
  const { Ref, 'Fn::GetAtt': attribute, 'Fn::Sub': pattern, 'Fn::Join': join } = value;
  if (typeof Ref === 'string') return reference(Ref);
  if (Array.isArray(attribute)) return reference(String(attribute[0]), String(attribute[1]));
  if (typeof pattern === 'string') {
    return pattern.replaceAll(/\$\{([^}]*)\}/g, (_match, name: string) => reference(name));
  }
  if (Array.isArray(join) && Array.isArray(join[1])) {
    return join[1].map((part) => String(simplifyValue(part))).join(String(join[0]));
  }
  return undefined;
}

function reference(id: string, attribute?: string): string {
  const name = id.replace(/^AWS::/, '').replace(CONSTRUCT_HASH, '');
  return `<${attribute === undefined ? name : `${name}.${attribute}`}>`;
}

function simplifyObject(object: Json): unknown {
  if (Array.isArray(object['Statement'])) return object['Statement'].map(simplifyStatement);
  return Object.fromEntries(
    Object.entries(object)
      .filter(([key]) => !BOILERPLATE.has(key))
      .map(([key, value]): [string, unknown] => {
        const simple = simplifyValue(value);
        if (key === 'DashboardBody') return [key, JSON.parse(String(simple))];
        if (key === 'DependsOn') return [key, [simple].flat().map((id) => unhashed(String(id)))];
        return [unhashed(key), simple];
      }),
  );
}

function unhashed(id: string): string {
  return id.replace(CONSTRUCT_HASH, '');
}

/** Fails for a part of a statement that it does not know, rather than leave it out of the snapshot. */
function simplifyStatement(statement: Json): Json {
  const { Sid, Effect, Action, NotAction, Resource, Principal, Condition, ...unknown } = statement;
  if (Object.keys(unknown).length > 0) {
    throw new Error(`Cannot show ${Object.keys(unknown).join(', ')} of a policy statement.`);
  }
  return {
    ...(NotAction === undefined
      ? { [String(Effect)]: simplifyValue(Action) }
      : { [`${String(Effect)} all but`]: simplifyValue(NotAction) }),
    ...(Resource !== undefined && { on: simplifyValue(Resource) }),
    ...(Principal !== undefined && { to: simplifyValue(Principal) }),
    ...(Condition !== undefined && { if: simplifyValue(Condition) }),
    ...(Sid !== undefined && { sid: Sid }),
  };
}
