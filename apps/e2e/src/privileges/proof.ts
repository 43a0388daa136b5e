import { permissionsOfFunction } from './permissions.ts';
import { type Stage, startStage } from './stage.ts';
import type { Twin } from './twins.ts';

/** Shows what some permissions of a function are for: something ends as it should, and without them otherwise. */
export interface Proof {
  /** What ends well. */
  name: string;
  needs: readonly string[];
  /** What `run` returns for a function with all of its permissions. */
  ends: unknown;
  /** Does it with the function of this name. */
  run(stage: Stage, functionName: string): Promise<unknown>;
  /** Of the function in this proof. */
  timeoutSeconds?: number;
  /** Of the function in this proof, beside its own. */
  environment?: Readonly<Record<string, string>>;
}

/** Lambda writes the logs; the embedded cloud reads them from the function's output instead. */
const OF_THE_PLATFORM = /^logs:|^sqs:(ReceiveMessage|DeleteMessage|GetQueueAttributes) on /;

/** Declares the tests of proofs: each ends well with all permissions, and not without any of those it needs. */
export function describeProofs(functionName: string, proofs: readonly Proof[]): void {
  describe(`a permission of the ${functionName}`, () => {
    let stage: Stage;
    beforeAll(async () => {
      stage = await startStage(functionName, proofs.flatMap(twinsOf));
    });
    afterAll(() => stage[Symbol.asyncDispose]());

    describe.each(proofs.map((proof, index) => ({ ...proof, index })))('$name', (proof) => {
      const { index, needs, ends, run } = proof;
      const twin = (lacks: string | undefined) => {
        const { suffix } = twinOf(proof, index, lacks);
        return Object.keys(stage.cloud.functions).find((name) => name.endsWith(`-${suffix}`)) ?? '';
      };

      it('with all permissions', async () => {
        const begun = stage.denials.length;
        await expect(run(stage, twin(undefined))).resolves.toEqual(ends);
        expect(stage.denials.slice(begun)).toEqual([]);
      });

      it.each(needs)('not without %s', async (permission) => {
        const begun = stage.denials.length;
        await expect(run(stage, twin(permission))).resolves.not.toEqual(ends);
        const [action = ''] = permission.split(' ');
        expect(stage.denials.slice(begun).join('\n')).toContain(`to perform: ${action} on`);
      });
    });
  });
}

/** Declares the test that there is a proof for all that a function may do. */
export function describeRole(functionName: string, proofs: readonly Proof[]): void {
  describe(`the role of the ${functionName}`, () => {
    it('allows nothing else', () => {
      const proven = new Set(proofs.flatMap(({ needs }) => needs));
      const allowed = permissionsOfFunction(functionName)
        .map(({ name }) => name)
        .filter((name) => !OF_THE_PLATFORM.test(name));
      expect([...proven].sort()).toEqual([...new Set(allowed)].sort());
    });
  });
}

function twinsOf(proof: Proof, index: number): Twin[] {
  return [undefined, ...proof.needs].map((lacks) => twinOf(proof, index, lacks));
}

function twinOf(
  { needs, timeoutSeconds, environment }: Proof,
  index: number,
  lacks: string | undefined,
): Twin {
  return {
    suffix: `p${index}x${lacks === undefined ? 'all' : needs.indexOf(lacks)}`,
    lacks,
    ...(timeoutSeconds !== undefined && { timeoutSeconds }),
    ...(environment !== undefined && { environment }),
  };
}
