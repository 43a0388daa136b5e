import { permissionsOfFunction } from './permissions.ts';
import { type Stage, startStage } from './stage.ts';
import type { Variant } from './variants.ts';

/** Proves that a function needs its permissions: a run gives the expected result with all of them, and a different one without any single one. */
export interface Proof {
  /** What the permissions allow, as a sentence. */
  name: string;
  needs: readonly string[];
  /** The result of `run` for a function with all its permissions. */
  ends: unknown;
  /** Runs it with the function of this name. */
  run(stage: Stage, functionName: string): Promise<unknown>;
  /** Timeout of the function in this proof. */
  timeoutSeconds?: number;
  /** Environment variables of the function in this proof, in addition to its own. */
  environment?: Readonly<Record<string, string>>;
}

/** Permissions that Lambda itself uses, to write logs and poll queues. The embedded cloud uses the role for neither. */
const OF_THE_PLATFORM = /^logs:|^sqs:(ReceiveMessage|DeleteMessage|GetQueueAttributes) on /;

/** Declares the tests of proofs: each run succeeds with all permissions, and fails without any that it needs. */
export function describeProofs(functionName: string, proofs: readonly Proof[]): void {
  describe(`a permission of the ${functionName}`, () => {
    let stage: Stage;
    beforeAll(async () => {
      stage = await startStage(functionName, proofs.flatMap(variantsOf));
    });
    afterAll(() => stage[Symbol.asyncDispose]());

    describe.each(proofs.map((proof, index) => ({ ...proof, index })))('$name', (proof) => {
      const { index, needs, ends, run } = proof;
      const variant = (without: string | undefined) => {
        const { suffix } = variantOf(proof, index, without);
        return Object.keys(stage.cloud.functions).find((name) => name.endsWith(`-${suffix}`)) ?? '';
      };

      it('with all permissions', async () => {
        const begun = stage.denials.length;
        await expect(run(stage, variant(undefined))).resolves.toEqual(ends);
        expect(stage.denials.slice(begun)).toEqual([]);
      });

      it.each(needs)('not without %s', async (permission) => {
        const begun = stage.denials.length;
        await expect(run(stage, variant(permission))).resolves.not.toEqual(ends);
        const [action = ''] = permission.split(' ');
        expect(stage.denials.slice(begun).join('\n')).toContain(`to perform: ${action} on`);
      });
    });
  });
}

/** Declares the test that every permission of a function has a proof. */
export function describeRole(functionName: string, proofs: readonly Proof[]): void {
  describe(`the role of the ${functionName}`, () => {
    it('allows nothing that has no proof', () => {
      const proven = new Set(proofs.flatMap(({ needs }) => needs));
      const allowed = permissionsOfFunction(functionName)
        .map(({ name }) => name)
        .filter((name) => !OF_THE_PLATFORM.test(name));
      expect([...proven].sort()).toEqual([...new Set(allowed)].sort());
    });
  });
}

function variantsOf(proof: Proof, index: number): Variant[] {
  return [undefined, ...proof.needs].map((without) => variantOf(proof, index, without));
}

function variantOf(
  { needs, timeoutSeconds, environment }: Proof,
  index: number,
  without: string | undefined,
): Variant {
  return {
    suffix: `p${index}x${without === undefined ? 'all' : needs.indexOf(without)}`,
    without,
    ...(timeoutSeconds !== undefined && { timeoutSeconds }),
    ...(environment !== undefined && { environment }),
  };
}
