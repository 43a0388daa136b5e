import { createHash, createHmac, createSecretKey, type Hash, type Hmac, type KeyObject } from 'node:crypto';

type Secret = string | ArrayBuffer | ArrayBufferView;

/**
 * SHA-256 as the SDK's signer wants it, keyed or not. A signer signs a day's requests with one key; what Node makes of its
 * bytes for each keyed sum takes four times as long as the sum, so it is made once.
 */
export class Sha256 {
  readonly #sum: Hash | Hmac;

  constructor(secret?: Secret) {
    this.#sum = secret === undefined ? createHash('sha256') : createHmac('sha256', keyOf(secret));
  }

  update(bytes: Uint8Array): void {
    this.#sum.update(bytes);
  }

  async digest(): Promise<Uint8Array> {
    return this.#sum.digest();
  }

  /** Asked for by the type, and never called: a sum is used once. */
  reset(): never {
    throw new Error('a sum cannot be begun again');
  }
}

const keys = new WeakMap<object, KeyObject>();

function keyOf(secret: Secret): string | KeyObject {
  if (typeof secret === 'string') return secret;
  const known = keys.get(secret);
  if (known) return known;
  const key = createSecretKey(
    ArrayBuffer.isView(secret)
      ? new Uint8Array(secret.buffer, secret.byteOffset, secret.byteLength)
      : new Uint8Array(secret),
  );
  keys.set(secret, key);
  return key;
}
