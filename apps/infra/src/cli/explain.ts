/** Patterns in the output of the CDK CLI, and the sentence that explains each. */
const explanations: readonly { pattern: RegExp; explanation: (environment: string) => string }[] = [
  {
    pattern:
      /Unable to resolve AWS account|no credentials have been configured|Could not load credentials|security token .* (invalid|expired)|ExpiredToken|InvalidClientTokenId|UnrecognizedClient/i,
    explanation: () =>
      'There are no valid AWS credentials: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and AWS_REGION.',
  },
  {
    pattern:
      /Has the environment been bootstrapped|Is (the )?account .* bootstrapped|requires bootstrap stack version/i,
    explanation: (environment) =>
      `This account and region are not bootstrapped for CDK: run "npx nx run infra:bootstrap --configuration=${environment}" once.`,
  },
  {
    pattern: /EAI_AGAIN|ENOTFOUND|ECONNREFUSED|NetworkingError|connect ETIMEDOUT/,
    explanation: () =>
      'AWS is unreachable: check the network, AWS_REGION and, if it is set, AWS_ENDPOINT_URL.',
  },
];

/** One sentence that explains the output of a failed CDK CLI run; undefined if its own message is clear enough. */
export function explain(output: string, environment: string): string | undefined {
  return explanations.find(({ pattern }) => pattern.test(output))?.explanation(environment);
}
