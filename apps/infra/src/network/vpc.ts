import { CfnVPC } from 'aws-cdk-lib/aws-ec2';
import type { Context } from '../context.ts';
import type { NetworkSettings } from '../environments/environment.ts';
import { tagResource } from '../tags.ts';

/** A VPC that resolves the names of its endpoints. */
export function vpc({ scope }: Context, { cidr }: NetworkSettings): CfnVPC {
  const made = new CfnVPC(scope, 'Vpc', {
    cidrBlock: cidr,
    enableDnsHostnames: true,
    enableDnsSupport: true,
  });
  return tagResource(made, 'network.vpc');
}
