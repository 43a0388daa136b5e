import { FOREIGN_RESPONSE, responseError, toCallError } from './index.ts';

/** The error that an SDK client throws for an error document. */
const sdkError = (name: string, status?: number, code?: string) =>
  Object.assign(new Error('from the SDK'), {
    name,
    code,
    ...(status !== undefined && { $fault: 'client', $metadata: { httpStatusCode: status, requestId: 'id' } }),
  });

describe('toCallError', () => {
  it.each([
    ['NoSuchKey', 404, 'refused'],
    ['AccessDenied', 403, 'refused'],
    ['SlowDown', 503, 'throttled'],
    ['ProvisionedThroughputExceededException', 400, 'throttled'],
    ['InternalError', 500, 'unknown'],
    ['ServiceUnavailable', 503, 'unknown'],
    ['TimeoutError', undefined, 'unknown'],
  ] as const)('reads %s (%s) as %s', (name, status, outcome) => {
    expect(toCallError('GET a/b', sdkError(name, status))).toMatchObject({ outcome, code: name, status });
  });

  it('takes the code of a lost connection from the system error', () => {
    expect(toCallError('GET a/b', sdkError('Error', undefined, 'ECONNRESET'))).toMatchObject({
      outcome: 'unknown',
      code: 'ECONNRESET',
    });
  });

  it('keeps the cause', () => {
    const cause = sdkError('NoSuchKey', 404);
    expect(toCallError('GET a/b', cause).cause).toBe(cause);
  });

  it.each([
    [403, 'AccessDenied'],
    [404, 'NotFound'],
  ])('derives the code of a HEAD response from its status: %i', (status, code) => {
    expect(toCallError('HEAD a/b', sdkError('UnknownError', status))).toMatchObject({
      outcome: 'refused',
      code,
    });
  });

  it.each([403, 404])('does not trust a response without a request id: %i', (status) => {
    const error = Object.assign(sdkError('NotFound', status), { $metadata: { httpStatusCode: status } });
    expect(toCallError('HEAD a/b', error)).toMatchObject({ outcome: 'unknown', code: FOREIGN_RESPONSE });
  });

  it('does not trust a body that is not an AWS document', () => {
    const error = Object.assign(new SyntaxError('bad XML'), {
      $metadata: { httpStatusCode: 404, requestId: 'id' },
    });
    expect(toCallError('GET a/b', error)).toMatchObject({ outcome: 'unknown', code: FOREIGN_RESPONSE });
  });
});

describe('responseError', () => {
  it.each([
    [503, 'SlowDown', false, 'throttled', 'SlowDown'],
    [403, undefined, true, 'refused', 'AccessDenied'],
    [404, undefined, true, 'refused', 'NotFound'],
    [403, undefined, false, 'unknown', FOREIGN_RESPONSE],
    [404, undefined, false, 'unknown', FOREIGN_RESPONSE],
    [502, undefined, true, 'unknown', 'HTTP 502'],
  ])('%i with code %s (AWS headers: %s) is %s', (status, given, isAws, outcome, code) => {
    expect(responseError('GET a/b', { status, code: given, isAws })).toMatchObject({ outcome, code, status });
  });
});
