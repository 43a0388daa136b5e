import * as v from 'valibot';
import { ignored, tags } from './storage.ts';

const inline = v.optional(
  v.array(v.strictObject({ PolicyName: v.string(), PolicyDocument: v.unknown() })),
  [],
);

export const role = v.strictObject({
  RoleName: v.optional(v.string()),
  Path: v.optional(v.literal('/', 'roles live under the path "/"')),
  AssumeRolePolicyDocument: v.unknown(),
  Policies: inline,
  ManagedPolicyArns: v.optional(v.array(v.string()), []),
  Tags: tags,
  Description: ignored,
  MaxSessionDuration: ignored,
});

export const policy = v.strictObject({
  PolicyName: v.string(),
  PolicyDocument: v.unknown(),
  Roles: v.optional(v.array(v.string()), []),
});

export const managedPolicy = v.strictObject({
  ManagedPolicyName: v.optional(v.string()),
  PolicyDocument: v.unknown(),
  Roles: v.optional(v.array(v.string()), []),
  Description: ignored,
  Path: ignored,
});
