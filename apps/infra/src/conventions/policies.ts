import { Effect, PolicyDocument, PolicyStatement, StarPrincipal } from 'aws-cdk-lib/aws-iam';

/** Denies all principals requests without TLS. */
export function tlsOnly(actions: string, resources: string[]): PolicyStatement {
  return new PolicyStatement({
    sid: 'TlsOnly',
    effect: Effect.DENY,
    principals: [new StarPrincipal()],
    actions: [actions],
    resources,
    conditions: { Bool: { 'aws:SecureTransport': 'false' } },
  });
}

export function policyDocument(statements: PolicyStatement[]): PolicyDocument {
  return new PolicyDocument({ statements });
}
