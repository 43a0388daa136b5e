import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { recordOf, startSandbox, withoutNotifications } from '../testing/sandbox.ts';

describe('the aggregator, invoked with an S3 event', () => {
  it('bundles the objects of the event, or fails', async () => {
    await using pipeline = await startSandbox({ transformTemplate: withoutNotifications });
    const { cloud, put, end } = pipeline;
    const lambda = new LambdaClient(cloud.clientConfig());
    const FunctionName = Object.keys(cloud.functions).find((name) => name.endsWith('-aggregator'));
    const invoke = async (...Records: unknown[]) => {
      const { FunctionError, Payload } = await lambda.send(
        new InvokeCommand({ FunctionName, Payload: Buffer.from(JSON.stringify({ Records })) }),
      );
      return { FunctionError, answer: JSON.parse(Buffer.from(Payload ?? []).toString()) as unknown };
    };

    const [one, two] = [await put('one'), await put('two')];
    expect(await invoke(recordOf(one), recordOf(two))).toEqual({
      FunctionError: undefined,
      answer: { bundles: [expect.stringMatching(/^bundles\//)], bundled: 2, duplicates: 0 },
    });
    expect(await invoke(recordOf(one))).toMatchObject({ answer: { bundles: [], duplicates: 1 } });
    expect(await invoke(recordOf({ ...one, bucket: 'elsewhere' }))).toMatchObject({
      FunctionError: 'Unhandled',
      answer: { errorMessage: expect.stringContaining('unknown-bucket') },
    });
    const { delivery, bundles } = await end();
    expect(delivery).toMatchObject({ delivered: [one, two], missing: [], mismatched: [], quarantined: [] });
    expect(bundles).toHaveLength(1);
    lambda.destroy();
  });
});
