import { setTimeout as sleep } from 'node:timers/promises';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  DescribeRuleCommand,
  DisableRuleCommand,
  EnableRuleCommand,
  EventBridgeClient,
  ListRulesCommand,
  PutEventsCommand,
} from '@aws-sdk/client-eventbridge';
import {
  GetEventSourceMappingCommand,
  LambdaClient,
  ListEventSourceMappingsCommand,
  UpdateEventSourceMappingCommand,
} from '@aws-sdk/client-lambda';
import {
  CancelMessageMoveTaskCommand,
  GetQueueAttributesCommand,
  ListMessageMoveTasksCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import { cbor } from '@smithy/core/cbor';
import { startCloud, type Cloud } from '../index.ts';
import { writeAssembly } from '../testing/assembly.ts';
import { fixture } from '../testing/fixture.ts';
import { signedFetch } from '../testing/signed-fetch.ts';

const composite = {
  Type: 'AWS::CloudWatch::CompositeAlarm',
  Properties: {
    AlarmName: 'fixture-all',
    AlarmRule: 'ALARM("fixture-errors")',
    AlarmDescription: 'All of it.',
  },
};
const outputs = {
  Queue: { Value: { Ref: 'Queue' }, Description: 'Where batches come from' },
  Exported: {
    Value: { 'Fn::GetAtt': ['Queue', 'Arn'] },
    Export: { Name: { 'Fn::Sub': '${AWS::StackName}-queue' } },
  },
};

let cloud: Cloud;
beforeAll(async () => {
  cloud = await startCloud({
    assembly: writeAssembly({ ...fixture, Composite: composite }, { Size: { Type: 'Number', Default: 3 } }),
    transformTemplate: (template) => ({ ...template, Description: 'A fixture', Outputs: outputs }),
  });
});
afterAll(() => cloud.stop());

const account = '000000000000';
const queueArn = (name: string) => `arn:aws:sqs:${cloud.region}:${account}:${name}`;
const queueUrl = (name: string) => cloud.queues[name]?.url ?? '';
const noAccess = { name: expect.stringMatching(/^AccessDenied/) };

/** Polls until the answer satisfies the condition. */
async function until<T>(ask: () => Promise<T>, isWanted: (answer: T) => boolean): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (isWanted(answer)) return answer;
    await sleep(20);
  }
}

describe('event source mappings', () => {
  const lambda = () => new LambdaClient(cloud.clientConfig());
  async function onlyMapping() {
    const { EventSourceMappings = [] } = await lambda().send(
      new ListEventSourceMappingsCommand({ FunctionName: 'fixture-batches' }),
    );
    expect(EventSourceMappings).toHaveLength(1);
    return EventSourceMappings[0]?.UUID ?? '';
  }
  const get = async (UUID: string) => lambda().send(new GetEventSourceMappingCommand({ UUID }));
  const send = (body: object) =>
    new SQSClient(cloud.clientConfig()).send(
      new SendMessageCommand({ QueueUrl: queueUrl('fixture-queue'), MessageBody: JSON.stringify(body) }),
    );

  test('are listed, and described by id', async () => {
    const UUID = await onlyMapping();
    expect(UUID).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
    await expect(get(UUID)).resolves.toMatchObject({
      State: 'Enabled',
      BatchSize: 10,
      EventSourceArn: queueArn('fixture-queue'),
      FunctionArn: cloud.functions['fixture-batches']?.arn,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 2 },
      LastModified: expect.any(Date),
    });
    const none = new ListEventSourceMappingsCommand({ EventSourceArn: queueArn('fixture-removals-a') });
    await expect(lambda().send(none)).resolves.toMatchObject({ EventSourceMappings: [] });
    await expect(get('nobody')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  test('stop polling while disabled, and resume when enabled', async () => {
    const UUID = await onlyMapping();
    const update = (Enabled: boolean) =>
      lambda().send(new UpdateEventSourceMappingCommand({ UUID, Enabled }));
    const invocations = async () => (await cloud.stats()).mappings[0]?.invocations ?? 0;

    await send({ do: 'hang', ms: 500 });
    await until(cloud.stats, ({ running }) => running > 0);
    await expect(update(false)).resolves.toMatchObject({ State: 'Disabling' });
    // The current batch ends and is acknowledged.
    await until(
      () => get(UUID),
      ({ State }) => State === 'Disabled',
    );
    expect(await cloud.stats()).toMatchObject({ running: 0 });

    const before = await invocations();
    await send({ do: 'nothing' });
    await sleep(500);
    expect(await invocations()).toBe(before);
    const waiting = (await cloud.stats()).queues.find(({ name }) => name === 'fixture-queue');
    expect(waiting).toMatchObject({ visible: 1, inFlight: 0 });
    // idle() ignores a queue that feeds no function.
    await cloud.idle(AbortSignal.timeout(2_000));

    await expect(update(true)).resolves.toMatchObject({ State: 'Enabling' });
    await until(invocations, (count) => count === before + 1);
    await cloud.idle();
    await expect(get(UUID)).resolves.toMatchObject({ State: 'Enabled' });
  });

  test('accept new batch sizes, windows and concurrency within limits', async () => {
    const UUID = await onlyMapping();
    const update = (input: object) => lambda().send(new UpdateEventSourceMappingCommand({ UUID, ...input }));
    await expect(update({ BatchSize: 3, MaximumBatchingWindowInSeconds: 1 })).resolves.toMatchObject({
      BatchSize: 3,
      MaximumBatchingWindowInSeconds: 1,
      State: 'Updating',
    });
    await until(
      () => get(UUID),
      ({ State }) => State === 'Enabled',
    );
    const sizes: number[] = [];
    const stopListening = cloud.onLog(({ text }) => {
      const [, size] = /"batch":(\d+)/.exec(text) ?? [];
      if (size !== undefined) sizes.push(Number(size));
    });
    await Promise.all(Array.from({ length: 6 }, () => send({ do: 'nothing' })));
    await cloud.idle();
    stopListening();
    expect(Math.max(...sizes)).toBe(3);

    const invalid = { name: 'InvalidParameterValueException' };
    await expect(update({ BatchSize: 11, MaximumBatchingWindowInSeconds: 0 })).rejects.toMatchObject(invalid);
    await expect(update({ BatchSize: 0 })).rejects.toMatchObject(invalid);
    await expect(update({ ScalingConfig: { MaximumConcurrency: 1 } })).rejects.toMatchObject(invalid);
    const withoutLimit = await update({
      BatchSize: 10,
      MaximumBatchingWindowInSeconds: 0,
      ScalingConfig: {},
    });
    expect(withoutLimit.ScalingConfig).toBeUndefined();
    await expect(update({ FilterCriteria: { Filters: [] } })).rejects.toMatchObject({
      name: 'NotImplemented',
      message: expect.stringContaining('FilterCriteria'),
    });
  });

  test('need permissions of their own', async () => {
    const UUID = await onlyMapping();
    const asReader = new LambdaClient(cloud.clientConfig('reader-role'));
    for (const command of [
      new ListEventSourceMappingsCommand({}),
      new GetEventSourceMappingCommand({ UUID }),
      new UpdateEventSourceMappingCommand({ UUID, Enabled: false }),
    ]) {
      await expect(asReader.send(command as GetEventSourceMappingCommand)).rejects.toMatchObject(noAccess);
    }
    const { State } = await get(UUID);
    expect(['Enabled', 'Updating']).toContain(State);
  });
});

describe('log events', () => {
  const logGroupName = '/aws/lambda/fixture-commands';
  const find = (input: object, role?: string) =>
    new CloudWatchLogsClient(cloud.clientConfig(role)).send(
      new FilterLogEventsCommand({ logGroupName, ...input }),
    );

  test('are found by pattern and time, page by page', async () => {
    const say = (text: string) => cloud.invoke('commands', { do: 'log', text });
    for (const number of [1, 2, 3, 4, 5]) await say(`{"level":"ERROR","number":${number}}`);
    await sleep(5);
    const later = Date.now();
    await say('{"level":"INFO","number":6}');

    const numbers = ({ events = [] }: { events?: { message?: string | undefined }[] | undefined }) =>
      events.flatMap(({ message = '' }) => /"number":(\d)/.exec(message)?.[1] ?? []).join('');
    const errors = { filterPattern: 'ERROR' };
    expect(numbers(await find(errors))).toBe('12345');
    expect(numbers(await find({ startTime: later }))).toBe('6');
    expect(numbers(await find({ endTime: later }))).toBe('12345');
    expect(numbers(await find({ filterPattern: '"number" -ERROR' }))).toBe('6');

    const first = await find({ ...errors, limit: 2 });
    const second = await find({ ...errors, limit: 2, nextToken: first.nextToken });
    const third = await find({ ...errors, limit: 2, nextToken: second.nextToken });
    expect([first, second, third].map(numbers)).toEqual(['12', '34', '5']);
    expect(third.nextToken).toBeUndefined();

    const [event] = first.events ?? [];
    expect(event).toMatchObject({
      logStreamName: expect.stringMatching(/^\d{4}\/\d\d\/\d\d\/\[\$LATEST\][0-9a-f]{32}$/),
      timestamp: expect.any(Number),
      eventId: expect.stringMatching(/^\d{56}$/),
    });
    expect(numbers(await find({ ...errors, logStreamNames: [event?.logStreamName] }))).toBe('12345');
    expect(numbers(await find({ ...errors, logStreamNames: ['another'] }))).toBe('');
  });

  test('are refused for an unknown group, an invalid pattern or a missing permission', async () => {
    await expect(find({ logGroupName: '/none' })).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
    await expect(find({ filterPattern: '[a, b]' })).rejects.toMatchObject({
      name: 'InvalidParameterException',
    });
    await expect(find({}, 'reader-role')).rejects.toMatchObject(noAccess);
  });
});

describe('alarms', () => {
  const describe_ = (input: object, role?: string) =>
    new CloudWatchClient(cloud.clientConfig(role)).send(new DescribeAlarmsCommand(input));
  const both = { AlarmTypes: ['MetricAlarm', 'CompositeAlarm'] };

  test('are described with state and reason; composite alarms only on request', async () => {
    const { MetricAlarms, CompositeAlarms } = await describe_({});
    expect(MetricAlarms).toEqual([
      expect.objectContaining({
        AlarmName: 'fixture-errors',
        AlarmArn: `arn:aws:cloudwatch:${cloud.region}:${account}:alarm:fixture-errors`,
        StateValue: 'OK',
        StateReason: expect.stringContaining('>= 1'),
        StateUpdatedTimestamp: expect.any(Date),
        MetricName: 'Errors',
        Dimensions: [{ Name: 'FunctionName', Value: 'fixture-commands' }],
        Threshold: 1,
      }),
    ]);
    expect(CompositeAlarms).toEqual([]);

    await cloud.invoke('commands', { do: 'throw', text: 'x' });
    const inAlarm = await describe_({ ...both, AlarmNamePrefix: 'fixture-', StateValue: 'ALARM' });
    expect(inAlarm.MetricAlarms?.map(({ AlarmName }) => AlarmName)).toEqual(['fixture-errors']);
    expect(inAlarm.CompositeAlarms).toEqual([
      expect.objectContaining({
        AlarmName: 'fixture-all',
        AlarmDescription: 'All of it.',
        StateValue: 'ALARM',
      }),
    ]);
  });

  test('are found by name and by prefix, page by page', async () => {
    await expect(describe_({ AlarmNames: ['none'] })).resolves.toMatchObject({ MetricAlarms: [] });
    await expect(describe_({ AlarmNamePrefix: 'none' })).resolves.toMatchObject({ MetricAlarms: [] });
    const { NextToken, ...first } = await describe_({ ...both, MaxRecords: 1 });
    const second = await describe_({ ...both, MaxRecords: 1, NextToken });
    const names = [first, second].flatMap(({ MetricAlarms = [], CompositeAlarms = [] }) =>
      [...MetricAlarms, ...CompositeAlarms].map(({ AlarmName }) => AlarmName),
    );
    expect(names).toEqual(['fixture-errors', 'fixture-all']);
    expect(second.NextToken).toBeUndefined();
  });

  test('need cloudwatch:DescribeAlarms', async () => {
    await expect(describe_({}, 'reader-role')).rejects.toMatchObject(noAccess);
  });

  /** A signed call like those of clients with protocols that this SDK does not use. */
  function call(path: string, headers: Record<string, string>, body: string | Uint8Array<ArrayBuffer>) {
    const { region, credentials } = cloud;
    return signedFetch(cloud.endpoint, {
      service: 'monitoring',
      region,
      credentials: credentials.admin,
      path,
      headers,
      body,
    });
  }

  test('are described over CBOR, for new CLIs', async () => {
    const path = '/service/GraniteServiceVersion20100801/operation/DescribeAlarms';
    const headers = { 'smithy-protocol': 'rpc-v2-cbor', 'content-type': 'application/cbor' };
    const ask = async (input: object) => {
      const response = await call(path, headers, cbor.serialize(input) as Uint8Array<ArrayBuffer>);
      expect(response.headers.get('smithy-protocol')).toBe('rpc-v2-cbor');
      return { status: response.status, answer: cbor.deserialize(await response.bytes()) };
    };
    const { status, answer } = await ask({ AlarmNames: ['fixture-errors'] });
    expect(status).toBe(200);
    expect(answer).toMatchObject({ MetricAlarms: [{ AlarmName: 'fixture-errors', Threshold: 1 }] });
    expect(answer.MetricAlarms[0].StateUpdatedTimestamp).toMatchObject({ tag: 1, value: expect.any(Number) });
    await expect(ask({ StateValue: 'BAD' })).resolves.toMatchObject({
      status: 400,
      answer: { __type: 'InvalidParameterValue' },
    });
  });

  test('are described over the query protocol, for older CLIs', async () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const ask = async (form: string) => (await call('/', headers, form)).text();
    expect(await ask('Action=DescribeAlarms&AlarmNames.member.1=fixture-errors&MaxRecords=5')).toContain(
      '<AlarmName>fixture-errors</AlarmName>',
    );
    expect(await ask('Action=PutMetricAlarm')).toContain('<Code>NotImplemented</Code>');
  });
});

describe('rules', () => {
  const events = (role?: string) => new EventBridgeClient(cloud.clientConfig(role));
  const rule = (Name: string) => events().send(new DescribeRuleCommand({ Name }));
  const order = () =>
    events().send(
      new PutEventsCommand({
        Entries: [{ Source: 'orders', DetailType: 'Order placed', Detail: '{"amount":11,"log":true}' }],
      }),
    );

  test('are described and listed', async () => {
    await expect(rule('fixture-rule')).resolves.toMatchObject({
      Arn: `arn:aws:events:${cloud.region}:${account}:rule/fixture-rule`,
      ScheduleExpression: 'cron(0 3 * * ? *)',
      State: 'ENABLED',
      EventBusName: 'default',
    });
    const { EventPattern = '' } = await rule('fixture-orders');
    expect(JSON.parse(EventPattern)).toMatchObject({ source: ['orders'] });
    const first = await events().send(new ListRulesCommand({ NamePrefix: 'fixture-', Limit: 1 }));
    const { NextToken } = first;
    const second = await events().send(new ListRulesCommand({ NamePrefix: 'fixture-', Limit: 1, NextToken }));
    const names = [first, second].flatMap(({ Rules = [] }) => Rules.map(({ Name }) => Name));
    expect(names).toEqual(['fixture-rule', 'fixture-orders']);
    await expect(rule('fixture-schedule')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  test('deliver nothing while disabled', async () => {
    let invoked = 0;
    const stopListening = cloud.onLog(({ text }) => {
      if (text.includes('"amount":11')) invoked++;
    });
    await events().send(new DisableRuleCommand({ Name: 'fixture-orders' }));
    await expect(rule('fixture-orders')).resolves.toMatchObject({ State: 'DISABLED' });
    await order();
    await cloud.idle();
    expect(invoked).toBe(0);
    await events().send(new EnableRuleCommand({ Name: 'fixture-orders' }));
    await order();
    await cloud.idle();
    expect(invoked).toBe(1);
    stopListening();
  });

  test('need permissions of their own', async () => {
    for (const command of [
      new DescribeRuleCommand({ Name: 'fixture-rule' }),
      new DisableRuleCommand({ Name: 'fixture-rule' }),
      new ListRulesCommand({}),
    ]) {
      await expect(events('reader-role').send(command as DescribeRuleCommand)).rejects.toMatchObject(
        noAccess,
      );
    }
  });
});

describe('stacks', () => {
  const stacks = (StackName?: string, role?: string) =>
    new CloudFormationClient(cloud.clientConfig(role)).send(
      new DescribeStacksCommand(StackName === undefined ? {} : { StackName }),
    );

  test('are described with parameters and outputs', async () => {
    const { Stacks: [stack] = [] } = await stacks('fixture');
    expect(stack).toMatchObject({
      StackName: 'fixture',
      Description: 'A fixture',
      StackStatus: 'CREATE_COMPLETE',
      CreationTime: expect.any(Date),
      Parameters: [{ ParameterKey: 'Size', ParameterValue: '3' }],
      Outputs: [
        {
          OutputKey: 'Queue',
          OutputValue: queueUrl('fixture-queue'),
          Description: 'Where batches come from',
        },
        { OutputKey: 'Exported', OutputValue: queueArn('fixture-queue'), ExportName: 'fixture-queue' },
      ],
    });
    await expect(stacks()).resolves.toMatchObject({ Stacks: [{ StackId: stack?.StackId }] });
    await expect(stacks(stack?.StackId)).resolves.toMatchObject({ Stacks: [{ StackName: 'fixture' }] });
  });

  test('are refused if they do not exist, or without permission', async () => {
    await expect(stacks('none')).rejects.toMatchObject({
      name: 'ValidationError',
      message: 'Stack with id none does not exist',
    });
    await expect(stacks('fixture', 'reader-role')).rejects.toMatchObject(noAccess);
  });
});

describe('message move tasks', () => {
  const sqs = (role?: string) => new SQSClient(cloud.clientConfig(role));
  const send = (name: string, body: object) =>
    sqs().send(
      new SendMessageCommand({
        QueueUrl: queueUrl(name),
        MessageBody: JSON.stringify(body),
        MessageAttributes: { kind: { DataType: 'String', StringValue: 'sample' } },
      }),
    );
  const start = (input: object) =>
    sqs().send(new StartMessageMoveTaskCommand({ SourceArn: queueArn('fixture-dead-letters'), ...input }));
  const latest = async () => {
    const command = new ListMessageMoveTasksCommand({ SourceArn: queueArn('fixture-dead-letters') });
    const { Results: [task] = [] } = await sqs().send(command);
    return task;
  };
  const ended = () => until(latest, (task) => !task?.Status?.endsWith('ING'));
  const waiting = async (name: string) => {
    const command = new GetQueueAttributesCommand({ QueueUrl: queueUrl(name), AttributeNames: ['All'] });
    return Number((await sqs().send(command)).Attributes?.['ApproximateNumberOfMessages']);
  };
  const letters = () => waiting('fixture-dead-letters');

  test('move messages that SQS moved to the dead-letter queue back to their source', async () => {
    await send('fixture-queue', { do: 'fail' });
    // After two failed receives, the next receive moves it.
    await until(
      async () => {
        await cloud.releaseHidden('fixture-queue');
        return letters();
      },
      (count) => count === 1,
    );
    const { TaskHandle } = await start({});
    expect(TaskHandle).toEqual(expect.any(String));
    await expect(ended()).resolves.toMatchObject({
      Status: 'COMPLETED',
      ApproximateNumberOfMessagesToMove: 1,
      ApproximateNumberOfMessagesMoved: 1,
      SourceArn: queueArn('fixture-dead-letters'),
    });
    // It is processed again from the start, and returns to the dead-letter queue.
    await until(
      async () => {
        await cloud.releaseHidden('fixture-queue');
        return letters();
      },
      (count) => count === 1,
    );
    await start({ DestinationArn: queueArn('fixture-removals-a') });
    await ended();
    await expect(letters()).resolves.toBe(0);
    const { Messages: [message] = [] } = await sqs().send(
      new ReceiveMessageCommand({ QueueUrl: queueUrl('fixture-removals-a'), MessageAttributeNames: ['All'] }),
    );
    expect(message).toMatchObject({
      Body: '{"do":"fail"}',
      MessageAttributes: { kind: { StringValue: 'sample' } },
    });
  }, 20_000);

  test('fail for messages that were sent to the dead-letter queue directly', async () => {
    await send('fixture-dead-letters', { do: 'nothing' });
    await start({});
    await expect(ended()).resolves.toMatchObject({
      Status: 'FAILED',
      FailureReason: 'CouldNotDetermineMessageSource',
      ApproximateNumberOfMessagesMoved: 0,
    });
    await expect(letters()).resolves.toBe(1);
    await start({ DestinationArn: queueArn('fixture-removals-b') });
    await expect(ended()).resolves.toMatchObject({
      Status: 'COMPLETED',
      ApproximateNumberOfMessagesMoved: 1,
    });
    await expect(waiting('fixture-removals-b')).resolves.toBe(1);
  });

  test('respect their rate, run one at a time, and can be cancelled', async () => {
    for (let number = 0; number < 5; number++) await send('fixture-dead-letters', { number });
    const slowly = { DestinationArn: queueArn('fixture-removals-b'), MaxNumberOfMessagesPerSecond: 2 };
    const { TaskHandle } = await start(slowly);
    await expect(start(slowly)).rejects.toMatchObject({
      message: expect.stringContaining('already a task running'),
    });
    await sleep(700);
    const running = await latest();
    expect(running).toMatchObject({ Status: 'RUNNING', TaskHandle });
    expect(running?.ApproximateNumberOfMessagesMoved).toBeLessThanOrEqual(2);
    await sqs().send(new CancelMessageMoveTaskCommand({ TaskHandle }));
    const task = await ended();
    expect(task?.Status).toBe('CANCELLED');
    expect(await letters()).toBe(5 - (task?.ApproximateNumberOfMessagesMoved ?? 0));
    await expect(sqs().send(new CancelMessageMoveTaskCommand({ TaskHandle }))).rejects.toThrow(
      'Only active tasks',
    );
  });

  test('require a dead-letter queue, and permission to receive, delete and send', async () => {
    await expect(start({ SourceArn: queueArn('fixture-queue') })).rejects.toThrow(
      'configured as a Dead Letter',
    );
    await expect(start({ SourceArn: queueArn('none') })).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
    await expect(start({ MaxNumberOfMessagesPerSecond: 501 })).rejects.toThrow('at most 500');
    const asReader = sqs('reader-role').send(
      new StartMessageMoveTaskCommand({ SourceArn: queueArn('fixture-dead-letters') }),
    );
    await expect(asReader).rejects.toMatchObject({ name: expect.stringMatching(/^AccessDenied/) });
  });
});
