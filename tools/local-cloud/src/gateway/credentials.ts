import { createHash } from 'node:crypto';
import type { RoleModel } from '../assembly/model.ts';

/** A key pair as AWS SDK clients take it. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** Whose call it is. */
export type Caller = { readonly kind: 'admin' } | { readonly kind: 'role'; readonly role: RoleModel };

export interface CredentialStore {
  readonly admin: Credentials;
  readonly ofRole: (role: RoleModel) => Credentials;
  /** The holder of a key; undefined for a key that nobody has. */
  readonly callerOf: (accessKeyId: string) => Caller | undefined;
}

const digest = (value: string) => createHash('sha256').update(value).digest('hex');

/** Key pairs follow from names: they guard nothing (everything is on loopback), they say who calls. */
function keyPair(name: string): Credentials {
  return {
    accessKeyId: `AKIA${digest(name).slice(0, 16).toUpperCase()}`,
    secretAccessKey: digest(`secret of ${name}`).slice(0, 40),
  };
}

/** The same in every embedded cloud. */
export const adminCredentials = keyPair('admin');

export function createCredentialStore(roles: readonly RoleModel[]): CredentialStore {
  const admin = adminCredentials;
  const callers = new Map<string, Caller>([
    [admin.accessKeyId, { kind: 'admin' }],
    ...roles.map((role) => [keyPair(role.arn).accessKeyId, { kind: 'role', role }] as const),
  ]);
  return { admin, ofRole: ({ arn }) => keyPair(arn), callerOf: (id) => callers.get(id) };
}

/** Access key, region and service of a Signature Version 4 request; the signature itself is not verified. */
export function credentialScope(
  authorization: string | undefined,
): { accessKeyId: string; region: string; service: string } | undefined {
  const [, accessKeyId, region, service] =
    /^AWS4-HMAC-SHA256\s.*?Credential=([^/,\s]+)\/\d{8}\/([^/]+)\/([^/]+)\/aws4_request/.exec(
      authorization ?? '',
    ) ?? [];
  return accessKeyId === undefined || region === undefined || service === undefined
    ? undefined
    : { accessKeyId, region, service };
}
