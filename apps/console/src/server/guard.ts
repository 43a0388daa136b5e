import { timingSafeEqual, createHash } from 'node:crypto';
import type { Context, MiddlewareHandler } from 'hono';
import type { Failure, FailureKind } from '../api.ts';

/** The largest body of a request, in bytes: the ids of thousands of cases. */
const MAX_BODY_BYTES = 256 * 1024;

/**
 * Only our own files, no inline code, and no text that becomes markup: Trusted Types make every assignment of text to `innerHTML` and the
 * like fail, because no policy may be created.
 */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

const HEADERS = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
} as const;

/** Answers with an error. */
export function fail(
  context: Context,
  status: 400 | 401 | 403 | 404 | 405 | 409 | 413 | 415 | 421 | 429 | 500 | 502,
  error: FailureKind,
  message: string,
  more: Pick<Failure, 'missingPermission'> = {},
): Response {
  const failure: Failure = { error, message, ...more };
  return context.json(failure, status);
}

/** Adds the headers that protect the page to every response, and keeps answers out of caches. */
export const protectPage: MiddlewareHandler = async (context, next) => {
  await next();
  for (const [name, value] of Object.entries(HEADERS)) context.res.headers.set(name, value);
  if (isApi(context)) context.res.headers.set('cache-control', 'no-store');
};

/**
 * Refuses requests that do not come from our own page:
 *
 *     Host             a name that resolves to 127.0.0.1 (DNS rebinding) → 421
 *     Origin           the page of another site, or of another port → 403
 *     Sec-Fetch-Site   the same, where browsers omit Origin → 403; a link to the page itself may come from anywhere
 *     Content-Type     a form can send anything but JSON → 415
 *
 * @param port of this server
 */
export function onlyFromOwnPage(port: () => number): MiddlewareHandler {
  return async (context, next) => {
    const { method } = context.req;
    const hosts = [`127.0.0.1:${port()}`, `localhost:${port()}`];
    const host = context.req.header('host') ?? '';
    if (!hosts.includes(host)) {
      return fail(context, 421, 'forbidden', 'The console answers to 127.0.0.1 and localhost only.');
    }
    const origin = context.req.header('origin');
    if (origin !== undefined && origin !== `http://${host}`) {
      return fail(context, 403, 'forbidden', 'The request comes from the page of another site.');
    }
    const site = context.req.header('sec-fetch-site');
    const isLink = context.req.header('sec-fetch-mode') === 'navigate' && method === 'GET' && !isApi(context);
    if (site !== undefined && site !== 'same-origin' && site !== 'none' && !isLink) {
      return fail(context, 403, 'forbidden', 'The request comes from the page of another site.');
    }
    if (method !== 'GET' && method !== 'HEAD' && method !== 'POST') {
      return fail(context, 405, 'invalid', `${method} is not supported.`);
    }
    if (method === 'POST') {
      const type = context.req.header('content-type')?.split(';')[0]?.trim().toLowerCase();
      if (type !== 'application/json') {
        return fail(context, 415, 'invalid', 'The body must be application/json.');
      }
      if (!(Number(context.req.header('content-length')) <= MAX_BODY_BYTES)) {
        return fail(context, 413, 'invalid', `The body may have at most ${MAX_BODY_BYTES} bytes.`);
      }
    }
    return next();
  };
}

/**
 * Requires the token of this start. It is not a cookie, because browsers send cookies of 127.0.0.1 to every port, and to whoever asks.
 * Without it, other users and pages on this machine could read the environment through the operator's credentials.
 */
export function onlyWithToken(token: string): MiddlewareHandler {
  const expected = digest(token);
  return async (context, next) => {
    const [, given = ''] = /^Bearer (\S+)$/.exec(context.req.header('authorization') ?? '') ?? [];
    if (timingSafeEqual(digest(given), expected)) return next();
    return fail(
      context,
      401,
      'no-token',
      'Open the address that the console printed when it started: it contains a token.',
    );
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function isApi(context: Context): boolean {
  return context.req.path === '/api' || context.req.path.startsWith('/api/');
}
