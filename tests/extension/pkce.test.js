import assert from 'node:assert/strict';
import { test } from 'node:test';

import { authorizationAddress, challengeOf, readReturn, secret } from '../../extension/lib/pkce.js';

test('the challenge is the one of RFC 7636, appendix B', async () => {
  assert.equal(
    await challengeOf('dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'),
    'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
  );
});

test('secrets are 43 characters of base64url and differ', () => {
  const [one, two] = [secret(), secret()];
  assert.match(one, /^[A-Za-z0-9_-]{43}$/);
  assert.notEqual(one, two);
});

test('the request names everything that RFC 7636 wants', () => {
  const address = new URL(authorizationAddress({
    server: 'https://f.example', clientId: 'fanfare-extension', scope: 'a b',
    redirectUri: 'https://id.chromiumapp.org/', state: 's', challenge: 'c',
  }));
  assert.equal(address.origin + address.pathname, 'https://f.example/oauth/authorize');
  assert.deepEqual(Object.fromEntries(address.searchParams), {
    response_type: 'code', client_id: 'fanfare-extension', scope: 'a b', state: 's',
    redirect_uri: 'https://id.chromiumapp.org/', code_challenge: 'c', code_challenge_method: 'S256',
  });
});

const EXPECTED = { redirectUri: 'https://id.chromiumapp.org/', state: 's' };

for (const [returned, told] of [
  ['https://id.chromiumapp.org/?code=c&state=s', { code: 'c' }],
  ['https://id.chromiumapp.org/?error=access_denied&state=s', { error: 'access_denied' }],
  ['https://id.chromiumapp.org/?code=c&state=other', { error: 'wrong_state' }],
  ['https://id.chromiumapp.org/?code=c', { error: 'wrong_state' }],
  ['https://id.chromiumapp.org/x?code=c&state=s', { error: 'wrong_address' }],
  ['https://evil.example/?code=c&state=s', { error: 'wrong_address' }],
  ['', { error: 'wrong_address' }],
  ['https://id.chromiumapp.org/?state=s', { error: 'no_code' }],
]) {
  test(`${returned} is read as ${JSON.stringify(told)}`, () => {
    assert.deepEqual(readReturn(returned, EXPECTED), told);
  });
}
