import type { CloudOptions } from '@data-aggregator/local-cloud';

export interface LargeObjectsSettings {
  /**
   * Timeout of the function in seconds. A killed builder's claim blocks the object until the end of the timeout and the
   * grace; its message returns after the visibility timeout, which must be longer.
   */
  timeoutSeconds: number;
  /** COPY_ABOVE_BYTES; the sandbox's own if absent. */
  copyAboveBytes?: string;
}

/** More than the grace of a claim in the sandbox, 3 s. */
const GRACE_SECONDS = 4;

/** Changes the templates' settings of the function for large objects and of its queue. */
export function setLargeObjects({
  timeoutSeconds,
  copyAboveBytes,
}: LargeObjectsSettings): NonNullable<CloudOptions['transformTemplate']> {
  return (template, stackName) => {
    const resources = Object.entries(template.Resources).map(([id, resource]) => {
      const properties = { ...resource.Properties };
      if (resource.Type === 'AWS::Lambda::Function' && stackName.endsWith('-large-objects')) {
        properties['Timeout'] = timeoutSeconds;
        if (copyAboveBytes !== undefined) {
          const { Variables } = properties['Environment'] as { Variables: Record<string, unknown> };
          properties['Environment'] = { Variables: { ...Variables, COPY_ABOVE_BYTES: copyAboveBytes } };
        }
      }
      if (resource.Type === 'AWS::SQS::Queue' && String(properties['QueueName']).endsWith('-large-objects')) {
        properties['VisibilityTimeout'] = timeoutSeconds + GRACE_SECONDS;
      }
      return [id, { ...resource, Properties: properties }];
    });
    return { ...template, Resources: Object.fromEntries(resources) };
  };
}
