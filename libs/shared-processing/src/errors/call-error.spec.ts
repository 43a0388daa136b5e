import { FOREIGN_RESPONSE, responseError, toCallError } from './index.ts';

/** An error as SDK clients throw it for a service's error document. */
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

  it('names the system error behind a lost connection', () => {
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
  ])('reads a HEAD response of S3 by its status: %i', (status, code) => {
    expect(toCallError('HEAD a/b', sdkError('UnknownError', status))).toMatchObject({
      outcome: 'refused',
      code,
    });
  });

  it.each([403, 404])('does not believe a response that carries no request id: %i', (status) => {
    const error = Object.assign(sdkError('NotFound', status), { $metadata: { httpStatusCode: status } });
    expect(toCallError('HEAD a/b', error)).toMatchObject({ outcome: 'unknown', code: FOREIGN_RESPONSE });
  });

  it('does not believe a body that is no AWS document', () => {
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
