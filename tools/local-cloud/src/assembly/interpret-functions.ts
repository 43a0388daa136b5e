import { AssemblyError } from './cloud-assembly.ts';
import { functionArn, mappingArn, queueUrl, urlSuffix, uuidOf, type Place } from './identity.ts';
import type { FunctionModel, FunctionUrlModel, MappingModel, PermissionModel } from './model.ts';
import type { Resource } from './scope.ts';
import {
  eventInvokeConfig,
  eventSourceMapping,
  functionUrl,
  lambdaFunction,
  permission,
} from './schemas/compute.ts';
import { ofType } from './typed.ts';

/** Functions are referred to by name or ARN, both in properties and in the API. */
export const nameOfFunction = (reference: string) =>
  reference.replace(/^arn:.*:function:/, '').split(':')[0] ?? '';

const suffix = urlSuffix.replace('.', '\\.');
const queueUrls = new RegExp(`https://sqs\\.[a-z0-9-]+\\.${suffix}/\\d{12}/([\\w-]+)`, 'g');
const xrayUrls = new RegExp(`https://xray\\.[a-z0-9-]+\\.${suffix}/`, 'g');

/** Templates may build queue and X-Ray URLs themselves; such URLs are replaced by the local endpoint's. */
function localised(value: string, place: Place): string {
  return value
    .replace(queueUrls, (_url, name: string) => queueUrl(name, place))
    .replace(xrayUrls, `${place.endpoint}/`);
}

function codeFolder(resource: Resource, key: string, where: string): string {
  const hash = key.replace(/^.*\//, '').replace(/\.[^.]*$/, '');
  const folder = resource.stack.assets.get(hash);
  if (folder === undefined) throw new AssemblyError(`${where}: the assembly has no asset ${hash}`);
  return folder;
}

export function interpretFunctions(resources: readonly Resource[], place: Place): FunctionModel[] {
  const configs = new Map(
    ofType(resources, 'AWS::Lambda::EventInvokeConfig', eventInvokeConfig).map(({ properties }) => [
      nameOfFunction(properties.FunctionName),
      properties,
    ]),
  );
  return ofType(resources, 'AWS::Lambda::Function', lambdaFunction).map(({ resource, properties, where }) => {
    const name = resource.physicalName;
    const config = configs.get(name);
    return {
      name,
      arn: functionArn(name, place),
      roleArn: properties.Role,
      handler: properties.Handler,
      codeFolder: codeFolder(resource, properties.Code.S3Key, where),
      environment: Object.fromEntries(
        Object.entries(properties.Environment?.Variables ?? {}).map(([key, value]) => [
          key,
          localised(value, place),
        ]),
      ),
      memoryMb: properties.MemorySize,
      timeoutSeconds: properties.Timeout,
      logGroup: properties.LoggingConfig?.LogGroup ?? `/aws/lambda/${name}`,
      logFormat: properties.LoggingConfig?.LogFormat ?? 'Text',
      logLevel: properties.LoggingConfig?.ApplicationLogLevel,
      reservedConcurrency: properties.ReservedConcurrentExecutions,
      isTraced: properties.TracingConfig?.Mode === 'Active',
      asyncRetries: config?.MaximumRetryAttempts ?? 2,
      asyncFailureQueueArn:
        config?.DestinationConfig?.OnFailure?.Destination ?? properties.DeadLetterConfig?.TargetArn,
    };
  });
}

export function interpretMappings(resources: readonly Resource[], place: Place): MappingModel[] {
  return ofType(resources, 'AWS::Lambda::EventSourceMapping', eventSourceMapping).map(
    ({ resource, properties, where }) => {
      if (properties.BatchSize > 10 && properties.MaximumBatchingWindowInSeconds < 1) {
        throw new AssemblyError(
          `${where}: a BatchSize above 10 needs a MaximumBatchingWindowInSeconds of 1 or more`,
        );
      }
      const uuid = uuidOf(resource.physicalName);
      return {
        uuid,
        arn: mappingArn(uuid, place),
        enabled: properties.Enabled,
        functionName: nameOfFunction(properties.FunctionName),
        queueArn: properties.EventSourceArn,
        batchSize: properties.BatchSize,
        windowSeconds: properties.MaximumBatchingWindowInSeconds,
        maxConcurrency: properties.ScalingConfig?.MaximumConcurrency,
        reportsItemFailures: properties.FunctionResponseTypes.includes('ReportBatchItemFailures'),
      };
    },
  );
}

const asArn = (reference: string, place: Place) =>
  reference.startsWith('arn:') ? reference : functionArn(reference, place);

export function interpretFunctionUrls(resources: readonly Resource[], place: Place): FunctionUrlModel[] {
  return ofType(resources, 'AWS::Lambda::Url', functionUrl).map(({ properties }) => ({
    functionArn: asArn(properties.TargetFunctionArn, place),
    auth: properties.AuthType,
  }));
}

export function interpretPermissions(resources: readonly Resource[], place: Place): PermissionModel[] {
  return ofType(resources, 'AWS::Lambda::Permission', permission).map(({ properties }) => ({
    functionArn: asArn(properties.FunctionName, place),
    action: properties.Action,
    principal: properties.Principal,
    sourceArn: properties.SourceArn,
  }));
}
