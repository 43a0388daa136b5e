import { typeOfEventBridgeEvent, typeOfS3Event } from './event-type.ts';

describe('typeOfS3Event', () => {
  it.each([
    'ObjectCreated:Put',
    'ObjectCreated:Post',
    'ObjectCreated:Copy',
    'ObjectCreated:CompleteMultipartUpload',
    's3:ObjectCreated:Put',
    'ObjectCreated:SomethingNew',
  ])('%s is a creation', (name) => {
    expect(typeOfS3Event(name)).toBe('created');
  });

  it.each(['ObjectRestore:Completed', 's3:ObjectRestore:Completed'])('%s is a restore', (name) => {
    expect(typeOfS3Event(name)).toBe('restored');
  });

  it.each([
    'ObjectRemoved:Delete',
    'ObjectRemoved:DeleteMarkerCreated',
    'ObjectRestore:Post',
    'ObjectRestore:Delete',
    'ReducedRedundancyLostObject',
    'Replication:OperationFailedReplication',
    'Replication:OperationMissedThreshold',
    'Replication:OperationReplicatedAfterThreshold',
    'Replication:OperationNotTracked',
    'LifecycleExpiration:Delete',
    'LifecycleExpiration:DeleteMarkerCreated',
    'LifecycleTransition',
    'IntelligentTiering',
    'ObjectTagging:Put',
    'ObjectTagging:Delete',
    'ObjectAcl:Put',
    's3:ObjectAcl:Put',
    'ObjectPolished:Thoroughly',
  ])('%s announces nothing new', (name) => {
    expect(typeOfS3Event(name)).toBe('nothing-new');
  });

  it.each([
    '',
    ':',
    'ObjectCreated:',
    'Object Created',
    'VersionCreated:Put',
    'ObjectsCreated',
    'Created',
    'a-b',
  ])('%j may be a creation, so it is unknown', (name) => {
    expect(typeOfS3Event(name)).toBe('unknown');
  });
});

describe('typeOfEventBridgeEvent', () => {
  it('knows creations and restores', () => {
    expect(typeOfEventBridgeEvent('Object Created')).toBe('created');
    expect(typeOfEventBridgeEvent('Object Restore Completed')).toBe('restored');
  });

  it.each([
    'Object Deleted',
    'Object Restore Initiated',
    'Object Restore Expired',
    'Object Storage Class Changed',
    'Object Access Tier Changed',
    'Object ACL Updated',
    'Object Tags Added',
    'Object Tags Deleted',
    'Async Copy Completion',
    'AWS API Call via CloudTrail',
    'Object Polished',
  ])('%s announces nothing new', (name) => {
    expect(typeOfEventBridgeEvent(name)).toBe('nothing-new');
  });

  it.each(['', 'Object Version Created', 'object created'])(
    '%j may be a creation, so it is unknown',
    (name) => {
      expect(typeOfEventBridgeEvent(name)).toBe('unknown');
    },
  );
});
