import { Fn } from 'aws-cdk-lib';
import { CfnRouteTable, CfnSubnet, CfnSubnetRouteTableAssociation, CfnVPC } from 'aws-cdk-lib/aws-ec2';
import type { Context } from '../app/component.ts';
import type { NetworkSettings } from '../environments/environment.ts';
import { tagResource } from '../conventions/tags.ts';

/** Each subnet is a /26 with 59 addresses. That suffices, because many instances of a function share one network interface. */
const SUBNET_BITS = '6';

export interface Subnets {
  a: CfnSubnet;
  b: CfnSubnet;
  routes: CfnRouteTable;
}

/** Two private subnets in two zones. Their route table leads only to gateway endpoints. */
export function subnets({ scope }: Context, vpc: CfnVPC, { cidr }: NetworkSettings): Subnets {
  const routes = tagResource(new CfnRouteTable(scope, 'Routes', { vpcId: vpc.ref }), 'network.routes');
  const subnet = (id: 'A' | 'B', index: number) => {
    const made = new CfnSubnet(scope, `Subnet${id}`, {
      vpcId: vpc.ref,
      cidrBlock: Fn.select(index, Fn.cidr(cidr, 2, SUBNET_BITS)),
      availabilityZone: Fn.select(index, Fn.getAzs()),
      mapPublicIpOnLaunch: false,
    });
    new CfnSubnetRouteTableAssociation(scope, `Subnet${id}Routes`, {
      subnetId: made.ref,
      routeTableId: routes.ref,
    });
    return tagResource(made, `network.subnet-${id.toLowerCase()}`);
  };
  return { a: subnet('A', 0), b: subnet('B', 1), routes };
}

/** A VPC that resolves the DNS names of its endpoints. */
export function vpc({ scope }: Context, { cidr }: NetworkSettings): CfnVPC {
  const made = new CfnVPC(scope, 'Vpc', {
    cidrBlock: cidr,
    enableDnsHostnames: true,
    enableDnsSupport: true,
  });
  return tagResource(made, 'network.vpc');
}
