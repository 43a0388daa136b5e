import * as v from 'valibot';
import { stackId, type Place } from '../assembly/identity.ts';
import type { StackModel } from '../assembly/model.ts';
import { ApiError, operation, type Api } from './api.ts';

const described = v.strictObject({
  /** A name or an id. */
  StackName: v.optional(v.string()),
  NextToken: v.optional(v.string()),
});

/** CloudFormation's DescribeStacks: the assembly's stacks, as if deployed when the cloud booted. */
export function stacksApi(stacks: readonly StackModel[], bootedAt: Date, place: Place): Api {
  const nameOf = (reference: string) => reference.replace(/^arn:.*:stack\/([^/]+)\/.*$/, '$1');
  const resources = ({ StackName }: v.InferOutput<typeof described>) => [
    StackName === undefined ? '*' : stackId(nameOf(StackName), place),
  ];
  return {
    DescribeStacks: operation(
      described,
      { action: 'cloudformation:DescribeStacks', invalid: 'ValidationError', resources },
      ({ StackName }) => {
        const found =
          StackName === undefined ? stacks : stacks.filter(({ name }) => name === nameOf(StackName));
        if (StackName !== undefined && found.length === 0) {
          throw new ApiError('ValidationError', `Stack with id ${StackName} does not exist`);
        }
        return { Stacks: found.map((stack) => describe(stack, bootedAt)) };
      },
    ),
  };
}

function describe({ name, id, description, parameters, outputs }: StackModel, bootedAt: Date): object {
  return {
    StackName: name,
    StackId: id,
    Description: description,
    CreationTime: bootedAt,
    StackStatus: 'CREATE_COMPLETE',
    Parameters: parameters.map(({ key, value }) => ({ ParameterKey: key, ParameterValue: value })),
    Outputs: outputs.map((output) => ({
      OutputKey: output.key,
      OutputValue: output.value,
      Description: output.description,
      ExportName: output.exportName,
    })),
  };
}
