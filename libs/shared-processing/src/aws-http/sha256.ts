import { createHash, createHmac, createSecretKey, type Hash, type Hmac, type KeyObject } from 'node:crypto';

type Secret = string | ArrayBuffer | ArrayBufferView;

/**
 * SHA-256 or HMAC-SHA-256, in the form that the SDK's signer expects. A signer uses the same key for a whole day, and
 * creating Node's key object takes four times as long as the HMAC, so key objects are cached.
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

  /** Required by the SDK's interface; the signer never calls it. */
  reset(): never {
    throw new Error('this hash cannot be reset');
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
