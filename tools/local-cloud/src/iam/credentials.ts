import { randomBytes } from 'node:crypto';
import type { RoleModel } from '../assembly/model.ts';

/** A key pair for AWS SDK clients. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** Who makes a call. */
export type Caller = { readonly kind: 'admin' } | { readonly kind: 'role'; readonly role: RoleModel };

/** A caller and the secret that signs the caller's requests. */
export interface KeyHolder {
  readonly caller: Caller;
  readonly secretAccessKey: string;
}

export interface CredentialStore {
  readonly admin: Credentials;
  readonly ofRole: (role: RoleModel) => Credentials;
  /** The holder of an access key; undefined if there is none. */
  readonly holderOf: (accessKeyId: string) => KeyHolder | undefined;
}

const base32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** A random key pair in AWS's form: `AKIA` and 16 characters; a secret of 40 characters. */
function newKeyPair(): Credentials {
  const id = [...randomBytes(16)].map((byte) => base32[byte % base32.length]).join('');
  return { accessKeyId: `AKIA${id}`, secretAccessKey: randomBytes(30).toString('base64') };
}

/** Generates key pairs for the administrator and for every role, valid for this boot only. */
export function createCredentialStore(roles: readonly RoleModel[]): CredentialStore {
  const admin = newKeyPair();
  const byRole = new Map(roles.map((role) => [role.arn, newKeyPair()] as const));
  const ofRole = ({ arn }: RoleModel): Credentials => {
    const keys = byRole.get(arn);
    if (!keys) throw new Error(`no credentials for role ${arn}`);
    return keys;
  };
  const holders = new Map<string, KeyHolder>([
    [admin.accessKeyId, { caller: { kind: 'admin' }, secretAccessKey: admin.secretAccessKey }],
    ...roles.map((role): [string, KeyHolder] => {
      const { accessKeyId, secretAccessKey } = ofRole(role);
      return [accessKeyId, { caller: { kind: 'role', role }, secretAccessKey }];
    }),
  ]);
  return { admin, ofRole, holderOf: (accessKeyId) => holders.get(accessKeyId) };
}
