import { randomUUID } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { accountId } from '../assembly/identity.ts';
import { send } from './answer.ts';
import type { Route } from './api-services.ts';
import { element, queryError, xmlAnswer } from './protocol.ts';

/** `GetCallerIdentity`, to check whose credentials are in use. */
export const sts: Route = async (request, response, caller) => {
  const { searchParams } = new URL(request.url ?? '/', 'http://local');
  const action = new URLSearchParams(await text(request)).get('Action') ?? searchParams.get('Action');
  if (action !== 'GetCallerIdentity') {
    const said = 'The local cloud supports only GetCallerIdentity of STS.';
    return send(response, queryError(501, 'NotImplemented', said));
  }
  const arn = caller?.kind === 'role' ? caller.role.arn : `arn:aws:iam::${accountId}:root`;
  const identity = element('Arn', arn) + element('UserId', 'local') + element('Account', accountId);
  send(
    response,
    xmlAnswer(
      200,
      `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">` +
        `<GetCallerIdentityResult>${identity}</GetCallerIdentityResult>` +
        `<ResponseMetadata>${element('RequestId', randomUUID())}</ResponseMetadata></GetCallerIdentityResponse>`,
    ),
  );
};
