import { Match } from 'aws-cdk-lib/assertions';
import type { Context } from '../app/component.ts';
import { fixtureFunction, plain, template } from '../testing/fixture.ts';
import { network } from './network-stack.ts';

const settings = { cidr: '10.20.0.0/24', prefixLists: { s3: 'pl-s3', dynamodb: 'pl-dynamodb' } };
const build = (context: Context) => network(context, settings);
const quiet = { ...plain, tracing: false };
const sending = fixtureFunction({ access: [{ resource: 'dead-letters', may: ['send'] }] });

describe('the network', () => {
  const stack = template(build, [sending], quiet);

  it('has no route to the internet', () => {
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

  it('reaches S3 and DynamoDB through gateway endpoints', () => {
    for (const service of ['s3', 'dynamodb']) {
      stack.hasResourceProperties('AWS::EC2::VPCEndpoint', {
        VpcEndpointType: 'Gateway',
        ServiceName: { 'Fn::Sub': `com.amazonaws.\${AWS::Region}.${service}` },
        RouteTableIds: [{ Ref: 'Routes' }],
      });
    }
  });

  it('allows functions outbound TLS to S3 and DynamoDB only, and nothing inbound', () => {
    stack.hasResourceProperties('AWS::EC2::SecurityGroup', {
      GroupDescription: 'Functions: TLS to S3 and DynamoDB, nothing else',
      SecurityGroupIngress: Match.absent(),
      SecurityGroupEgress: ['pl-s3', 'pl-dynamodb'].map((DestinationPrefixListId) =>
        Match.objectLike({ IpProtocol: 'tcp', FromPort: 443, ToPort: 443, DestinationPrefixListId }),
      ),
    });
  });

  it.each([
    ['nothing', [fixtureFunction()], quiet, []],
    ['a function that calls SQS itself', [sending], quiet, ['sqs']],
    ['traces', [fixtureFunction()], plain, ['xray']],
    ['both', [sending], plain, ['sqs', 'xray']],
  ])('has interface endpoints for %s', (_for, functions, environment, services) => {
    const made = template(build, functions, environment).findResources('AWS::EC2::VPCEndpoint', {
      Properties: { VpcEndpointType: 'Interface' },
    }) as Record<string, { Properties: { ServiceName: { 'Fn::Sub': string } } }>;
    const names = Object.values(made).map(({ Properties }) => Properties.ServiceName['Fn::Sub']);
    expect(names).toEqual(services.map((service) => `com.amazonaws.\${AWS::Region}.${service}`));
  });

  it('stores its ids in the parameters that functions read', () => {
    for (const id of ['subnet-a', 'subnet-b', 'security-group']) {
      stack.hasResourceProperties('AWS::SSM::Parameter', { Name: `/data-aggregator/dev/network/${id}` });
    }
  });
});
