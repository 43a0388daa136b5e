/**
 * Resource types that have no effect locally. Each is listed explicitly, so that a forgotten type fails the boot
 * instead of being ignored. A whole service is accepted if no part of it touches data.
 */
const types: ReadonlySet<string> = new Set([
  'AWS::CDK::Metadata',
  'AWS::IAM::OIDCProvider',
  'AWS::KMS::Alias',
  'AWS::KMS::Key',
  'AWS::Logs::LogGroup',
  'AWS::Logs::QueryDefinition',
  'AWS::Logs::ResourcePolicy',
  'AWS::Logs::SubscriptionFilter',
  'AWS::Oam::Link',
  'AWS::Scheduler::ScheduleGroup',
  'AWS::SSM::Parameter',
]);

const services: readonly string[] = [
  'AWS::ApplicationInsights::',
  'AWS::ApplicationSignals::',
  'AWS::Budgets::',
  'AWS::CE::',
  'AWS::CloudTrail::',
  'AWS::CloudWatch::',
  'AWS::EC2::',
  'AWS::ResourceGroups::',
  'AWS::XRay::',
];

/** Whether resources of this type are accepted and ignored. */
export function isAccepted(type: string): boolean {
  return types.has(type) || services.some((prefix) => type.startsWith(prefix));
}
