import { Match } from 'aws-cdk-lib/assertions';
import type { Context } from '../context.ts';
import { fixtureFunction, template } from '../testing/fixture.ts';
import { network } from './network-stack.ts';

const settings = { cidr: '10.20.0.0/24', prefixLists: { s3: 'pl-s3', dynamodb: 'pl-dynamodb' } };
const build = (context: Context) => network(context, settings);
const sending = fixtureFunction({ access: [{ resource: 'dead-letters', may: ['send'] }] });

describe('the network', () => {
  const stack = template(build, [sending]);

  it('has no way to the internet', () => {
    for (const type of ['InternetGateway', 'NatGateway', 'Route', 'EgressOnlyInternetGateway', 'EIP']) {
      stack.resourceCountIs(`AWS::EC2::${type}`, 0);
    }
    stack.allResourcesProperties('AWS::EC2::Subnet', { MapPublicIpOnLaunch: false });
  });

  it('has two subnets in two zones', () => {
    const zones = Object.values(stack.findResources('AWS::EC2::Subnet')).map(
      (subnet) => (subnet as { Properties: { AvailabilityZone: unknown } }).Properties.AvailabilityZone,
    );
    expect(zones).toEqual([
      { 'Fn::Select': [0, { 'Fn::GetAZs': '' }] },
      { 'Fn::Select': [1, { 'Fn::GetAZs': '' }] },
    ]);
  });

  it('reaches S3 and DynamoDB by gateway endpoints', () => {
    for (const service of ['s3', 'dynamodb']) {
      stack.hasResourceProperties('AWS::EC2::VPCEndpoint', {
        VpcEndpointType: 'Gateway',
        ServiceName: { 'Fn::Sub': `com.amazonaws.\${AWS::Region}.${service}` },
        RouteTableIds: [{ Ref: 'Routes' }],
      });
    }
  });

  it('lets functions out by TLS to those two only, and nothing in', () => {
    stack.hasResourceProperties('AWS::EC2::SecurityGroup', {
      GroupDescription: 'Functions: TLS to S3 and DynamoDB, nothing else',
      SecurityGroupIngress: Match.absent(),
      SecurityGroupEgress: ['pl-s3', 'pl-dynamodb'].map((DestinationPrefixListId) =>
        Match.objectLike({ IpProtocol: 'tcp', FromPort: 443, ToPort: 443, DestinationPrefixListId }),
      ),
    });
  });

  it('pays for an interface endpoint only where a function speaks to a queue itself', () => {
    const paid = { Properties: { VpcEndpointType: 'Interface' } };
    stack.resourcePropertiesCountIs('AWS::EC2::VPCEndpoint', paid.Properties, 1);
    template(build, [fixtureFunction()]).resourcePropertiesCountIs(
      'AWS::EC2::VPCEndpoint',
      paid.Properties,
      0,
    );
  });

  it('leaves word of its ids where functions look for them', () => {
    for (const id of ['subnet-a', 'subnet-b', 'security-group']) {
      stack.hasResourceProperties('AWS::SSM::Parameter', { Name: `/data-aggregator/dev/network/${id}` });
    }
  });
});
