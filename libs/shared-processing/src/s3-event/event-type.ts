/**
 * What an event says about its object:
 *
 * - `created`: a new version
 * - `restored`: a version in an archive class can be read for a while
 * - `nothing-new`: anything else, such as a removal or new tags
 * - `unknown`: a name that may be a new kind of creation
 */
export type EventType = 'created' | 'restored' | 'nothing-new' | 'unknown';

/**
 * The type of an S3 event, by its name: `ObjectCreated:Put`. A name that S3 introduces later counts as `nothing-new`, unless
 * its family contains "create": such a name may mean a new object, and a new object must not be ignored.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html
 */
export function typeOfS3Event(name: string): EventType {
  // Notification settings, and services compatible with S3, put `s3:` in front.
  const [, family, detail] = /^(?:s3:)?(\w+)((?::\w+)*)$/.exec(name) ?? [];
  if (family === undefined) return 'unknown';
  if (family === 'ObjectCreated') return 'created';
  if (family === 'ObjectRestore' && detail === ':Completed') return 'restored';
  return mayMeanCreation(family) ? 'unknown' : 'nothing-new';
}

/**
 * The type of an EventBridge event of S3, by its detail type: `Object Created`. The rule for later names is the same.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventBridge.html
 */
export function typeOfEventBridgeEvent(detailType: string): EventType {
  if (detailType === 'Object Created') return 'created';
  if (detailType === 'Object Restore Completed') return 'restored';
  return detailType === '' || mayMeanCreation(detailType) ? 'unknown' : 'nothing-new';
}

function mayMeanCreation(name: string): boolean {
  return /create/i.test(name);
}
