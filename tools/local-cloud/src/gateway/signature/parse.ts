/** Decoded pairs of a query string, in the order sent. */
export type QueryPairs = readonly (readonly [name: string, value: string])[];

/** The parts of a Signature Version 4, from header or query. */
export interface Signature {
  readonly place: 'header' | 'query';
  readonly accessKeyId: string;
  /** `20261125` */
  readonly scopeDate: string;
  readonly region: string;
  readonly service: string;
  /** Lower case, in the order sent. */
  readonly signedHeaders: readonly string[];
  /** 64 hexadecimal digits. */
  readonly signature: string;
  /** `20261125T211500Z`; undefined if the request has no date. */
  readonly date: string | undefined;
  /** Validity of a presigned URL in seconds; undefined for a signature in a header. */
  readonly expiresSeconds: number | undefined;
  readonly sessionToken: string | undefined;
}

/** How a request is signed. */
export type Signing =
  | { readonly kind: 'unsigned' }
  | { readonly kind: 'signed'; readonly signature: Signature }
  /** Signed with another algorithm, such as Signature Version 2. */
  | { readonly kind: 'other-mechanism' }
  /** Signed both in the header and in the query. */
  | { readonly kind: 'two-mechanisms' }
  | { readonly kind: 'malformed'; readonly place: 'header' | 'query'; readonly why: string };

type Headers = Readonly<Record<string, string | string[] | undefined>>;

const longestExpirySeconds = 604_800;
const inQuery = /^x-amz-(algorithm|credential|date|expires|signedheaders|signature)$/i;
const exactly = {
  algorithm: 'X-Amz-Algorithm',
  credential: 'X-Amz-Credential',
  date: 'X-Amz-Date',
  expires: 'X-Amz-Expires',
  signedHeaders: 'X-Amz-SignedHeaders',
  signature: 'X-Amz-Signature',
  token: 'X-Amz-Security-Token',
} as const;

/**
 * Splits and decodes a query. `+` means a space, as in S3.
 *
 * @throws URIError
 */
export function queryPairs(search: string): QueryPairs {
  const decode = (text: string) => decodeURIComponent(text.replaceAll('+', ' '));
  return search
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const at = pair.indexOf('=');
      return at < 0 ? [decode(pair), ''] : [decode(pair.slice(0, at)), decode(pair.slice(at + 1))];
    });
}

/**
 * Reads the signature of a request from its `Authorization` header or its query. A request with any part of a signature
 * never counts as unsigned, so that no service trusts an unverified caller.
 */
export function parseSigning(headers: Headers, query: QueryPairs): Signing {
  const { authorization } = headers;
  const signedQuery = query.some(([name]) => inQuery.test(name));
  if (typeof authorization === 'string') {
    if (signedQuery) return { kind: 'two-mechanisms' };
    if (!authorization.startsWith('AWS4-HMAC-SHA256')) return { kind: 'other-mechanism' };
    return fromHeader(authorization, headers);
  }
  if (signedQuery) return fromQuery(query);
  const isVersion2 = ['AWSAccessKeyId', 'Signature'].every((sought) =>
    query.some(([name]) => name === sought),
  );
  return isVersion2 ? { kind: 'other-mechanism' } : { kind: 'unsigned' };
}

/** The service in a signature's scope, even if the rest cannot be parsed. */
export function claimedService(headers: Headers, query: QueryPairs): string | undefined {
  const { authorization } = headers;
  const credential =
    typeof authorization === 'string'
      ? /Credential=([^,\s]+)/.exec(authorization)?.[1]
      : query.find(([name]) => name === exactly.credential)?.[1];
  return credential?.split('/')[3];
}

function fromHeader(authorization: string, headers: Headers): Signing {
  const malformed = (why: string): Signing => ({ kind: 'malformed', place: 'header', why });
  const fields = new Map<string, string>();
  for (const field of authorization.slice('AWS4-HMAC-SHA256'.length).split(',')) {
    const [, name, value] = /^\s*([A-Za-z]+)=(\S+)\s*$/.exec(field) ?? [];
    if (name === undefined || value === undefined) return malformed('The Authorization header is malformed.');
    if (fields.has(name)) return malformed(`The Authorization header has two fields ${name}.`);
    fields.set(name, value);
  }
  const date = single(headers['x-amz-date']) ?? httpDate(single(headers['date']));
  return assembled('header', {
    credential: fields.get('Credential'),
    signedHeaders: fields.get('SignedHeaders'),
    signature: fields.get('Signature'),
    date,
    expiresSeconds: undefined,
    sessionToken: single(headers['x-amz-security-token']),
  });
}

function fromQuery(query: QueryPairs): Signing {
  const malformed = (why: string): Signing => ({ kind: 'malformed', place: 'query', why });
  const fields = new Map<string, string>();
  for (const [name, value] of query) {
    if (!inQuery.test(name) && name !== exactly.token) continue;
    if (fields.has(name)) return malformed(`The query has two parameters ${name}.`);
    fields.set(name, value);
  }
  if (fields.get(exactly.algorithm) !== 'AWS4-HMAC-SHA256') {
    return malformed('X-Amz-Algorithm only supports "AWS4-HMAC-SHA256"');
  }
  const expires = fields.get(exactly.expires) ?? '';
  const expiresSeconds = Number(expires);
  if (!/^\d+$/.test(expires)) return malformed('X-Amz-Expires should be a number');
  if (expiresSeconds < 1 || expiresSeconds > longestExpirySeconds) {
    return malformed('X-Amz-Expires must be between 1 and 604800 seconds');
  }
  return assembled('query', {
    credential: fields.get(exactly.credential),
    signedHeaders: fields.get(exactly.signedHeaders),
    signature: fields.get(exactly.signature),
    date: fields.get(exactly.date),
    expiresSeconds,
    sessionToken: fields.get(exactly.token),
  });
}

interface Fields extends Pick<Signature, 'date' | 'expiresSeconds' | 'sessionToken'> {
  readonly credential: string | undefined;
  readonly signedHeaders: string | undefined;
  readonly signature: string | undefined;
}

function assembled(place: 'header' | 'query', fields: Fields): Signing {
  const malformed = (why: string): Signing => ({ kind: 'malformed', place, why });
  const { credential, signedHeaders, signature, date, expiresSeconds, sessionToken } = fields;
  const [, accessKeyId, scopeDate, region, service] =
    /^([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request$/.exec(credential ?? '') ?? [];
  if (accessKeyId === undefined || scopeDate === undefined || region === undefined || service === undefined) {
    return malformed(
      'The credential must have the form "<access key id>/YYYYMMDD/region/service/aws4_request".',
    );
  }
  if (!/^[0-9a-f]{64}$/.test(signature ?? '') || signature === undefined) {
    return malformed('The signature must have 64 hexadecimal digits.');
  }
  const names = signedHeaders?.split(';') ?? [];
  if (!names.includes('host')) return malformed('The header host must be signed.');
  if (date !== undefined && !/^\d{8}T\d{6}Z$/.test(date)) {
    return malformed('The date must have the form "YYYYMMDDTHHMMSSZ".');
  }
  if (date !== undefined && !date.startsWith(scopeDate)) {
    return malformed(`The credential's date, ${scopeDate}, is not that of the request, ${date}.`);
  }
  return {
    kind: 'signed',
    signature: {
      place,
      accessKeyId,
      scopeDate,
      region,
      service,
      signedHeaders: names,
      signature,
      date,
      expiresSeconds,
      sessionToken,
    },
  };
}

function single(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : value?.[0];
}

/** `Wed, 25 Nov 2026 21:15:00 GMT` → `20261125T211500Z` */
function httpDate(text: string | undefined): string | undefined {
  const time = text === undefined ? NaN : Date.parse(text);
  return Number.isNaN(time) ? undefined : new Date(time).toISOString().replace(/[-:]|\.\d{3}/g, '');
}
