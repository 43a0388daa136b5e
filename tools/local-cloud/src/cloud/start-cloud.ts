import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAlarms, QUEUE_MEASURED_MS } from '../alarms/alarms.ts';
import { alarmsApi } from '../apis/alarms.ts';
import type { Api } from '../apis/api.ts';
import { eventRulesApi } from '../apis/event-rules.ts';
import { eventSourceMappingsApi } from '../apis/event-source-mappings.ts';
import { logsApi } from '../apis/logs.ts';
import { metricsApi } from '../apis/metrics.ts';
import { messageMoveTasksApi } from '../apis/message-move-tasks.ts';
import { stacksApi } from '../apis/stacks.ts';
import { checkModel } from '../assembly/check.ts';
import { readCloudAssembly } from '../assembly/cloud-assembly.ts';
import { accountId, bucketArn, eventBusArn, queueArn, tableArn, type Place } from '../assembly/identity.ts';
import { interpret } from '../assembly/interpret.ts';
import type { CloudModel, TriggerModel } from '../assembly/model.ts';
import type { Cloud, CloudOptions } from './cloud.ts';
import { createNotifications, notificationRules } from '../events/notifications.ts';
import { startClock, triggerEvent } from '../events/clock.ts';
import { createEventBus } from '../events/event-bus.ts';
import { createRuleStates } from '../events/rule-states.ts';
import { createReplication } from '../events/replication.ts';
import { publicApi } from './public-api.ts';
import { apiRoute, jsonService } from '../gateway/api-services.ts';
import { createControl, createOutages } from '../gateway/control.ts';
import { createCredentialStore } from '../iam/credentials.ts';
import { denialMessage, denialOf, type Denial } from '../gateway/denial.ts';
import type { FaultHooks } from '../gateway/faults.ts';
import { functionUrls } from '../gateway/function-url.ts';
import { openGateway } from '../gateway/gateway.ts';
import { dynamoDbService, eventsService, sqsService } from '../gateway/json-services.ts';
import { overQuery } from '../gateway/sqs-query.ts';
import { lambdaRest } from '../gateway/lambda-rest.ts';
import { sts } from '../gateway/sts.ts';
import { createFunctionRunner } from '../lambda/function-runner.ts';
import { createFunctions } from '../lambda/functions.ts';
import { startWatchdog } from '../lambda/watchdog.ts';
import { createLogStore } from '../lambda/log-store.ts';
import { type EventSourceMapping, startMapping } from '../mapping/event-source-mapping.ts';
import { createS3, eventBridgeEntry, type AccessRequest } from '../s3/index.ts';
import { createAuthorizer } from '../iam/authorizer.ts';
import { readPolicy } from '../iam/policy.ts';
import { startDynamoDb } from '../services/dynamodb/dynamodb.ts';
import { createMoveTasks } from '../services/move-tasks.ts';
import { createSqs } from '../services/sqs.ts';
import { createCollector } from '../traces/collector.ts';

/**
 * Boots a cloud from synthesised templates.
 *
 * @throws AssemblyError if something is missing, contradictory or not supported by the local cloud
 * @throws PolicyError for policies that cannot be evaluated
 */
export async function startCloud(options: CloudOptions): Promise<Cloud> {
  // Each part goes onto the stack together with its stop. The stack stops the parts from last to first, also when a later
  // part fails to start. If a stop throws, the remaining parts are stopped all the same, then the error is thrown.
  await using parts = new AsyncDisposableStack();
  const cloud = await boot(options, parts);
  const running = parts.move();
  let stopping: Promise<void> | undefined;
  return { ...cloud, stop: () => (stopping ??= running.disposeAsync()) };
}

async function boot(options: CloudOptions, parts: AsyncDisposableStack): Promise<Omit<Cloud, 'stop'>> {
  const {
    region = 'eu-central-1',
    logger: say = () => undefined,
    maxProcesses = availableParallelism(),
  } = options;
  const stacks = readCloudAssembly(options.assembly, options.transformTemplate);
  const gateway = parts.adopt(
    await openGateway(options.port ?? 0, (error) => say(`cloud.failed ${String(error)}`)),
    ({ close }) => close(),
  );
  const { endpoint } = gateway;
  const place: Place = { region, endpoint };
  const model = interpret(stacks, place);
  const authorizer = createAuthorizer(model, options.secureTransport);
  checkModel(model, authorizer);

  const credentials = createCredentialStore(model.roles);
  const faults: FaultHooks = {};
  const outages = createOutages(faults, credentials.admin.accessKeyId);
  const logs = createLogStore();
  const onDenied = (denial: Denial) => say(`access.denied ${denialMessage(denial)}`);

  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), `local-cloud-${process.pid}-`));
  if (options.dataDir === undefined) parts.defer(() => rmSync(dataDir, { recursive: true, force: true }));

  const alarms = createAlarms(model);
  logs.listen(alarms.onLog);
  const { inFlightLimit } = options;
  const queues = createSqs(model.queues, {
    ...(inFlightLimit !== undefined && { inFlightLimit }),
    place,
    onPolicy: (arn, policy) =>
      authorizer.setPolicy(arn, policy === undefined ? undefined : readPolicy(JSON.parse(policy), arn)),
  });
  const sqs = alarms.measured(parts.adopt(queues, ({ close }) => close()));
  parts.adopt(setInterval(alarms.measureQueues, QUEUE_MEASURED_MS).unref(), clearInterval);
  const dynamoDb = parts.adopt(await startDynamoDb(model.tables, region), ({ close }) => close());

  const notifications = createNotifications(model, sqs, (reason) => say(`notification.failed ${reason}`));

  const s3 = parts.adopt(
    createS3({
      dataDir,
      region,
      authorize: (request) => (authorise(request) ? 'allow' : 'deny'),
      onEvent: (event) => {
        notifications.notify(event);
        replication.replicate(event);
        if (event.toEventBridge) bus.publish(eventBridgeEntry(event));
      },
      onNotificationsSet: (bucket, targets) => {
        const context = { 'aws:SourceArn': bucketArn(bucket), 'aws:SourceAccount': accountId };
        const isAllowed = (arn: string) =>
          sqs.urlOf(arn) !== undefined &&
          authorizer.authorizeService('s3.amazonaws.com', 'sqs:SendMessage', arn, context).allowed;
        if (!targets.every(isAllowed)) return 'refuse';
        notifications.sendTestEvent(bucket, targets);
        return 'accept';
      },
      faults: { before: (call) => outages.hooks.s3?.(call) },
      onUnexpected: (error) => say(`s3.failed ${String(error)}`),
    }),
    ({ close }) => close(),
  );
  const replication = parts.adopt(
    createReplication({
      model,
      authorizer,
      copy: s3.replicate,
      onFailure: (reason) => say(`replication.failed ${reason}`),
    }),
    async ({ settled }) => {
      // Calls still under way read S3's files and can start replications.
      await gateway.close();
      await settled();
    },
  );
  for (const { name, versioned: versioning, toEventBridge } of model.buckets) {
    s3.createBucket({ name, versioning, notifications: notificationRules(model, name), toEventBridge });
  }

  function authorise({ accessKeyId, action, resource, context }: AccessRequest): boolean {
    const caller = accessKeyId === undefined ? undefined : credentials.holderOf(accessKeyId)?.caller;
    if (!caller) return false;
    const decision = authorizer.authorize({ caller, action, resource, context });
    if (!decision.allowed) onDenied(denialOf(caller, action, resource, decision));
    return decision.allowed;
  }

  const watchdog = parts.adopt(
    startWatchdog(options.dataDir === undefined ? dataDir : undefined),
    ({ stop }) => stop(),
  );
  const functions = parts.adopt(
    createFunctions(
      model.functions.map((fn) =>
        createFunctionRunner({
          model: fn,
          surroundings: { endpoint, region, credentials: credentials.ofRole(roleOf(model, fn.roleArn)) },
          watchdog,
          onLog: logs.add,
        }),
      ),
      async (arn, body) => {
        const url = model.queues.find((queue) => queue.arn === arn)?.url;
        await sqs.perform('SendMessage', { QueueUrl: url, MessageBody: body });
      },
    ),
    ({ stop }) => stop(),
  );

  const eventOf = (trigger: TriggerModel) => triggerEvent(trigger, region, Date.now());
  const ruleStates = createRuleStates(model);
  const fire = (trigger: TriggerModel) => {
    const runner = functions.find(trigger.functionArn);
    if (runner) functions.invokeAsync(runner, eventOf(trigger));
  };
  parts.adopt(startClock(model.triggers, ruleStates.isEnabled, fire), ({ stop }) => stop());

  const bus = createEventBus(model.eventRules, place, ruleStates.isEnabled, ({ target }, payload) => {
    if (target.kind === 'queue') return notifications.sendEvent(target.arn, payload);
    const runner = functions.find(target.arn);
    if (runner) functions.invokeAsync(runner, payload);
  });

  const moveTasks = parts.adopt(createMoveTasks(model.queues, sqs), ({ stop }) => stop());

  const mappings: EventSourceMapping[] = [];
  parts.defer(async () => {
    const stopped = mappings.map((mapping) => mapping.stop());
    // A mapping stops once its invocations and its long poll have ended, so end these: functions first, then callers,
    // whose connections would otherwise see the queues' shutdown as an error.
    await functions.stop();
    gateway.cut();
    await sqs.close();
    await Promise.all(stopped);
  });
  for (const mapping of model.mappings) {
    const runner = functions.find(mapping.functionName);
    const queue = model.queues.find(({ arn }) => arn === mapping.queueArn);
    if (!runner || !queue) continue;
    const onFailure = (reason: string) => say(`batch.failed ${mapping.functionName}: ${reason}`);
    mappings.push(startMapping({ mapping, queue, runner, sqs, region, maxProcesses, onFailure }));
  }

  const traces = createCollector(authorizer, onDenied);
  const monitoring: Api = {
    ...alarmsApi(model.alarms, alarms.report, place),
    ...metricsApi(() => {
      alarms.measureQueues();
      return alarms.points;
    }),
  };
  const queueService = sqsService(sqs, messageMoveTasksApi(model.queues, moveTasks), (name) =>
    queueArn(name, place),
  );
  const route = (api: Api, namespace: string) => apiRoute({ api, namespace, authorizer, onDenied });
  const cloud = publicApi({
    model,
    place,
    credentials,
    faults,
    functions,
    mappings,
    sqs,
    logs,
    alarms,
    traces,
    putSparse: s3.putSparse,
    eventOf,
    inTransit: () => notifications.pending() + replication.pending(),
  });
  gateway.serve({
    credentials,
    authorizer,
    faults: outages.hooks,
    onDenied,
    json: [
      queueService,
      dynamoDbService(dynamoDb, (name) => tableArn(name, place)),
      eventsService(bus, eventBusArn('default', place), eventRulesApi(model.rules, ruleStates, place)),
      jsonService('Logs_20140328.', logsApi(model.functions, logs, place)),
      jsonService('GraniteServiceVersion20100801.', monitoring),
    ],
    sqsQuery: overQuery(queueService),
    monitoring: route(monitoring, 'http://monitoring.amazonaws.com/doc/2010-08-01/'),
    cloudformation: route(
      stacksApi(model.stacks, new Date(), place),
      'http://cloudformation.amazonaws.com/doc/2010-05-15/',
    ),
    s3: s3.handle,
    lambda: lambdaRest({
      functions,
      mappings: eventSourceMappingsApi(mappings, place),
      authorizer,
      onDenied,
      logTail: logs.tail,
    }),
    sts,
    functionUrls: functionUrls(model.functionUrls, functions, authorizer),
    traces,
    control: createControl(outages, cloud.killFunctionProcess),
  });
  if (options.testEvents === true) {
    for (const { name, notifications: rules } of model.buckets)
      notifications.sendTestEvent(
        name,
        rules.map(({ target }) => target.arn),
      );
  }

  if (options.schedulesAtBoot === true) {
    for (const trigger of model.triggers) if (trigger.enabled) fire(trigger);
  }

  return cloud;
}

function roleOf({ roles }: CloudModel, arn: string) {
  const role = roles.find((candidate) => candidate.arn === arn);
  if (!role) throw new Error(`there is no role ${arn}`);
  return role;
}
