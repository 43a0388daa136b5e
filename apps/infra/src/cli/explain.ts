/** What the CDK CLI says when something is missing, and what is missing, in one sentence. */
const explanations: readonly { says: RegExp; missing: (environment: string) => string }[] = [
  {
    says: /Unable to resolve AWS account|no credentials have been configured|Could not load credentials|security token .* (invalid|expired)|ExpiredToken|InvalidClientTokenId|UnrecognizedClient/i,
    missing: () =>
      'There are no valid AWS credentials: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and AWS_REGION.',
  },
  {
    says: /Has the environment been bootstrapped|Is (the )?account .* bootstrapped|requires bootstrap stack version/i,
    missing: (environment) =>
      `This account and region are not bootstrapped for CDK: run "npx nx run infra:bootstrap --configuration=${environment}" once.`,
  },
  {
    says: /EAI_AGAIN|ENOTFOUND|ECONNREFUSED|NetworkingError|connect ETIMEDOUT/,
    missing: () =>
      'AWS cannot be reached from here: look at the network, AWS_REGION and AWS_ENDPOINT_URL, if it is set.',
  },
];

/** The sentence for a failed run of the CDK CLI; undefined where its own words are the best there are. */
export function explain(output: string, environment: string): string | undefined {
  return explanations.find(({ says }) => says.test(output))?.missing(environment);
}
