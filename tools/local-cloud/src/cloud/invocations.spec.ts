import { InvokeCommand, LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { setTimeout as sleep } from 'node:timers/promises';
import { startCloud, type Cloud, type LogLine } from '../index.ts';
import { writeAssembly } from '../testing/assembly.ts';
import { fixture } from '../testing/fixture.ts';

let cloud: Cloud;
beforeAll(async () => {
  cloud = await startCloud({ assembly: writeAssembly(fixture) });
});
afterAll(() => cloud.stop());

async function value(event: object) {
  const { kind, payload } = await cloud.invoke('commands', event);
  return { kind, value: JSON.parse(payload) };
}

const alive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe('an invocation', () => {
  test('receives its event and returns a response; the same process handles the next one', async () => {
    const first = await value({ do: 'environment' });
    const second = await value({ do: 'environment' });
    expect(first.kind).toBe('success');
    expect(second.value.pid).toBe(first.value.pid);
    expect(second.value.invocations).toBe(first.value.invocations + 1);
  });

  test("has Lambda's environment variables", async () => {
    const { value: found } = await value({ do: 'environment' });
    expect(found.variables).toMatchObject({
      AWS_LAMBDA_FUNCTION_NAME: 'fixture-commands',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '192',
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/fixture-commands',
      AWS_REGION: cloud.region,
      AWS_ENDPOINT_URL: cloud.endpoint,
      AWS_ACCESS_KEY_ID: cloud.credentials.perRole['commands-role']?.accessKeyId,
      TABLE: 'fixture-ledger',
      QUEUE_URL: cloud.queues['fixture-queue']?.url,
    });
    expect(found.argv).toContain('--max-old-space-size=172');
    expect(found.variables).not.toHaveProperty('HOME');
  });

  test('has a context with request id, ARN and remaining time', async () => {
    const { value: context } = await value({ do: 'context' });
    expect(context).toMatchObject({
      functionName: 'fixture-commands',
      invokedFunctionArn: cloud.functions['fixture-commands']?.arn,
      memoryLimitInMB: '192',
    });
    expect(context.awsRequestId).toMatch(/^[0-9a-f-]{36}$/);
    expect(context.remaining).toBeGreaterThan(1000);
    expect(context.remaining).toBeLessThanOrEqual(2000);
    expect(context.trace).toMatch(/^Root=1-/);
  });

  test('that throws results in an error with type, message and trace', async () => {
    const { kind, value: error } = await value({ do: 'throw', text: 'no such thing' });
    expect(kind).toBe('error');
    expect(error).toMatchObject({ errorType: 'TypeError', errorMessage: 'no such thing' });
    expect(error.trace.length).toBeGreaterThan(1);
  });

  test('that exits the process results in an error; the next one gets a new process', async () => {
    const before = await value({ do: 'environment' });
    const { kind, value: error } = await value({ do: 'exit' });
    expect(kind).toBe('error');
    expect(error.errorType).toBe('Runtime.ExitError');
    expect(error.errorMessage).toContain('exit status 7');
    const after = await value({ do: 'environment' });
    expect(after.value.pid).not.toBe(before.value.pid);
    expect(after.value.invocations).toBe(1);
  });

  test('that hangs or spins is killed at its timeout', async () => {
    const warm = await Promise.all([value({ do: 'environment' }), value({ do: 'environment' })]);
    const begun = Date.now();
    const results = await Promise.all(['hang', 'spin'].map((how) => value({ do: how, ms: 60_000 })));
    for (const { kind, value: error } of results) {
      expect(kind).toBe('error');
      expect(error.errorMessage).toContain('Task timed out after 2.00 seconds');
    }
    expect(Date.now() - begun).toBeLessThan(20_000);
    const pids = warm.map((result) => result.value.pid);
    expect(new Set(pids).size).toBe(2);
    expect(pids.filter(alive)).toEqual([]);
  });

  test('that exceeds its memory is killed', async () => {
    const { kind, value: error } = await value({ do: 'eat' });
    expect(kind).toBe('error');
    expect(error.errorType).toBe('Runtime.ExitError');
    expect(error.errorMessage).toContain('signal: killed');
  });

  test('that is killed from outside results in an error', async () => {
    const hanging = value({ do: 'hang', ms: 1500 });
    let victim: ReturnType<Cloud['killFunctionProcess']>;
    while (!(victim = cloud.killFunctionProcess('commands'))) await sleep(10);
    const { kind, value: error } = await hanging;
    expect(kind).toBe('error');
    expect(error.errorType).toBe('Runtime.ExitError');
    expect(cloud.processes().map(({ pid }) => pid)).not.toContain(victim.pid);
  });

  test('runs concurrently with another one, in its own process', async () => {
    const [one, other] = await Promise.all([value({ do: 'environment' }), value({ do: 'environment' })]);
    expect(one.value.pid).not.toBe(other.value.pid);
  });

  test('runs in a new process after a redeployment', async () => {
    const before = await value({ do: 'environment' });
    cloud.redeploy('commands');
    const after = await value({ do: 'environment' });
    expect(after.kind).toBe('success');
    expect(after.value.pid).not.toBe(before.value.pid);
  });
});

describe('log lines', () => {
  test('have function and request id, between START and END', async () => {
    const lines: LogLine[] = [];
    const stop = cloud.onLog((line) => lines.push(line));
    const { requestId } = await cloud.invoke('commands', { do: 'log', text: 'it was me' });
    stop();
    expect(
      lines.every((line) => line.functionName === 'fixture-commands' && line.requestId === requestId),
    ).toBe(true);
    const said = lines.findIndex(({ source, text }) => source === 'function' && text.includes('it was me'));
    expect(lines.findIndex(({ text }) => text.startsWith('START'))).toBeLessThan(said);
    expect(lines.findIndex(({ text }) => text.startsWith('END'))).toBeGreaterThan(said);
  });
});

describe('the Lambda API', () => {
  const invoke = (FunctionName: string, event: object, more: object = {}) =>
    new LambdaClient(cloud.clientConfig()).send(
      new InvokeCommand({ FunctionName, Payload: Buffer.from(JSON.stringify(event)), ...more }),
    );

  test('invokes by name and by ARN, and returns the end of the log', async () => {
    const answer = await invoke('fixture-commands', { do: 'log', text: 'for the tail' }, { LogType: 'Tail' });
    expect(answer).toMatchObject({ StatusCode: 200, ExecutedVersion: '$LATEST' });
    expect(Buffer.from(answer.LogResult ?? '', 'base64').toString()).toContain('for the tail');
    const byArn = await invoke(cloud.functions['fixture-commands']?.arn ?? '', { hello: 1 });
    expect(byArn.Payload?.transformToString()).toBe('{"hello":1}');
  });

  test('distinguishes errors of the function from errors of the call', async () => {
    const failed = await invoke('fixture-commands', { do: 'throw', text: 'x' });
    expect(failed).toMatchObject({ StatusCode: 200, FunctionError: 'Unhandled' });
    await expect(invoke('nobody', {})).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  test('accepts an asynchronous event without waiting', async () => {
    const done = new Promise<void>((resolve) => {
      cloud.onLog(({ text }) => text.includes('later on') && resolve());
    });
    const answer = await invoke(
      'fixture-commands',
      { do: 'log', text: 'later on' },
      { InvocationType: 'Event' },
    );
    expect(answer.StatusCode).toBe(202);
    await done;
  });

  test('lists functions', async () => {
    const { Functions } = await new LambdaClient(cloud.clientConfig()).send(new ListFunctionsCommand({}));
    expect(Functions?.map(({ FunctionName }) => FunctionName)).toEqual([
      'fixture-batches',
      'fixture-commands',
      'fixture-reader',
    ]);
  });
});

describe('triggers', () => {
  test('a schedule fires with its input, a rule with a scheduled event', async () => {
    expect(JSON.parse((await cloud.fireSchedule('fixture-schedule')).payload)).toEqual({ from: 'schedule' });
    expect(JSON.parse((await cloud.fireSchedule('fixture-rule')).payload)).toMatchObject({
      'detail-type': 'Scheduled Event',
      resources: [`arn:aws:events:${cloud.region}:000000000000:rule/fixture-rule`],
    });
  });

  test('those that are enabled fire at boot if told to', async () => {
    const other = await startCloud({
      assembly: writeAssembly(fixture),
      schedulesAtBoot: true,
      transformTemplate: (template) => {
        const { Rule } = template.Resources;
        const disabled = {
          ...Rule,
          Type: 'AWS::Events::Rule',
          Properties: { ...Rule?.Properties, State: 'DISABLED' },
        };
        return { ...template, Resources: { ...template.Resources, Rule: disabled } };
      },
    });
    await using _ = { [Symbol.asyncDispose]: other.stop };
    const lines: LogLine[] = [];
    other.onLog((line) => lines.push(line));
    await other.idle();
    expect(lines.filter(({ text }) => text.startsWith('START'))).toHaveLength(1);
    expect(lines[0]?.functionName).toBe('fixture-commands');
  });

  test('a function URL invokes with an HTTP event', async () => {
    const answer = await fetch(`${cloud.endpoint}/_url/commands/some/path?a=1`, {
      method: 'POST',
      body: 'hello',
    });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({
      rawPath: '/some/path',
      queryStringParameters: { a: '1' },
      body: Buffer.from('hello').toString('base64'),
      isBase64Encoded: true,
    });
  });
});
