import { randomUUID } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { accountId } from '../assembly/identity.ts';
import { send } from './answer.ts';
import type { Route } from './gateway.ts';

function xml(status: number, body: string) {
  return { status, headers: { 'content-type': 'text/xml' }, body };
}

/** `GetCallerIdentity`: enough to see whose credentials one has. */
export const sts: Route = async (request, response, caller) => {
  const action = new URLSearchParams(await text(request)).get('Action');
  const error = (status: number, code: string, message: string) =>
    send(
      response,
      xml(
        status,
        `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`,
      ),
    );
  if (action !== 'GetCallerIdentity') {
    return error(501, 'NotImplemented', 'Of STS the local cloud does GetCallerIdentity alone.');
  }
  if (!caller) return error(403, 'InvalidClientTokenId', 'The access key id is not known.');
  const arn = caller.kind === 'role' ? caller.role.arn : `arn:aws:iam::${accountId}:root`;
  send(
    response,
    xml(
      200,
      `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>` +
        `<Arn>${arn}</Arn><UserId>local</UserId><Account>${accountId}</Account></GetCallerIdentityResult>` +
        `<ResponseMetadata><RequestId>${randomUUID()}</RequestId></ResponseMetadata></GetCallerIdentityResponse>`,
    ),
  );
};
