import { CfnParameter } from 'aws-cdk-lib';
import type { CfnFunctionProps } from 'aws-cdk-lib/aws-lambda';
import type { Context } from '../app/component.ts';
import { networkParameter } from '../conventions/names.ts';

/**
 * A function's subnets and security group, if the environment has a network. CloudFormation reads their ids, which AWS
 * assigns, from the SSM parameters of the network component.
 */
export function vpcConfig({ scope, environment }: Context): Pick<CfnFunctionProps, 'vpcConfig'> {
  if (environment.network === undefined) return {};
  const id = (name: string, parameter: string, type: string) =>
    new CfnParameter(scope, name, {
      type: `AWS::SSM::Parameter::Value<${type}>`,
      default: networkParameter(environment.name, parameter),
    }).valueAsString;
  return {
    vpcConfig: {
      subnetIds: [
        id('SubnetA', 'subnet-a', 'AWS::EC2::Subnet::Id'),
        id('SubnetB', 'subnet-b', 'AWS::EC2::Subnet::Id'),
      ],
      securityGroupIds: [id('SecurityGroup', 'security-group', 'AWS::EC2::SecurityGroup::Id')],
    },
  };
}
