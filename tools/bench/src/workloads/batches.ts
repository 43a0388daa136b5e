import { sqsEvent } from '../notify.ts';
import type { BenchFile } from '../content.ts';
import type { Floor } from '../handlers/floors.ts';
import { floorsModule, type Invocation, startMeasured } from '../process/measured.ts';
import type { Behaviour, Tally } from '../stand-in/start.ts';
import type { Bench, Running, Sample, Subject } from './workload.ts';

export interface Batches {
  batches: readonly BenchFile[][];
  behaviour: Behaviour;
  /** The floor's work for a batch. */
  floorOf: (batch: readonly BenchFile[]) => Floor[];
  /** A bare pass-through of the same files, to show how close to the floor one can get. */
  bareOf?: (batch: readonly BenchFile[]) => Floor;
  /** The sample from an invocation and its floor's CPU time. */
  figure?: (invocation: Invocation, floorMs: number) => Sample;
}

const cpu = ({ cpuMs }: Invocation, floorMs: number): Sample => ({ value: cpuMs, floor: floorMs });

/** Runs each batch through the function and then through the floor. Both processes stay warm. */
export async function startBatches(
  { batches, behaviour, floorOf, bareOf, figure = cpu }: Batches,
  subject: Subject,
  { standIn, profileFolder }: Bench,
): Promise<Running> {
  const { endpoint } = standIn;
  const subjectProcess = await startMeasured({ code: subject.artifact, endpoint, profileFolder });
  const floorProcess = await startMeasured({ code: floorsModule, endpoint });

  const runOne = async (batch: readonly BenchFile[]) => {
    await standIn.behave(behaviour);
    const invocation = await subjectProcess.invoke(sqsEvent(batch));
    const tally = await standIn.tally();
    assertDone(invocation, tally, batch, behaviour);
    let floorMs = 0;
    for (const work of floorOf(batch)) floorMs += (await floorProcess.invoke(work)).cpuMs;
    const bare = bareOf && { bare: (await floorProcess.invoke(bareOf(batch))).cpuMs };
    return { sample: { ...figure(invocation, floorMs), ...bare }, invocation, tally };
  };

  const [first = []] = batches;
  await runOne(first);

  return {
    async sample() {
      const sum = { value: 0, floor: 0, bare: 0 };
      let functionMs = 0;
      let standInMs = 0;
      for (const batch of batches) {
        const { sample, invocation, tally } = await runOne(batch);
        sum.value += sample.value;
        sum.floor += sample.floor ?? 0;
        sum.bare += sample.bare ?? 0;
        functionMs += invocation.cpuMs;
        standInMs += tally.cpuMs;
      }
      const { bare, ...figures } = sum;
      return { ...figures, ...(bare > 0 && { bare }), standInShare: standInMs / (standInMs + functionMs) };
    },
    async stop() {
      await Promise.all([subjectProcess.stop(), floorProcess.stop()]);
    },
  };
}

/** Checks that the function did all its work: one that did less would look fast. */
export function assertDone(
  { answer }: Invocation,
  { gets, puts, writes }: Tally,
  batch: readonly BenchFile[],
  { claimed }: Behaviour,
): void {
  const { batchItemFailures } = answer as { batchItemFailures?: unknown[] };
  const read = claimed ? 0 : batch.length;
  const isDone =
    batchItemFailures?.length === 0 &&
    gets === read &&
    writes > batch.length &&
    (claimed ? puts === 0 : puts >= 2);
  if (!isDone) {
    throw new Error(
      `the function did not do its work for ${batch.length} files: ${gets} read, ${writes} calls to DynamoDB, ` +
        `${puts} objects stored, ${batchItemFailures?.length ?? 'unknown'} batch item failures`,
    );
  }
}
