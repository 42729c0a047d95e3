/**
 * Proof Key for Code Exchange (RFC 7636), method S256, and the state that ties the answer to the
 * request.
 */

import { urlOf } from './address.js';

/** Return 43 characters that nobody can guess. */
export function secret() {
  return base64url(crypto.getRandomValues(new Uint8Array(32)));
}

/**
 * Return the S256 challenge of a verifier (RFC 7636 §4.2).
 *
 * @param {string} verifier
 */
export async function challengeOf(verifier) {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier));
  return base64url(new Uint8Array(digest));
}

/** @param {Uint8Array} bytes */
function base64url(bytes) {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}

/**
 * Return the address that asks the person to allow the extension.
 *
 * @param {{ server: string, clientId: string, redirectUri: string, scope: string,
 *   state: string, challenge: string }} request
 */
export function authorizationAddress({ server, clientId, redirectUri, scope, state, challenge }) {
  const address = new URL('/oauth/authorize', server);
  address.search = new URLSearchParams({
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirectUri,
    scope,
    state,
    code_challenge: challenge,
    code_challenge_method: 'S256',
  }).toString();
  return address.href;
}

/**
 * Read the address that the authorization server returned to.
 *
 * @param {string} returned
 * @param {{ redirectUri: string, state: string }} expected
 * @returns {{ code: string } | { error: string }}
 */
export function readReturn(returned, { redirectUri, state }) {
  const address = urlOf(returned);
  if (!address || `${address.origin}${address.pathname}` !== redirectUri) {
    return { error: 'wrong_address' };
  }
  const told = address.searchParams;
  if (told.get('state') !== state) return { error: 'wrong_state' };
  const error = told.get('error');
  if (error) return { error };
  const code = told.get('code');
  return code ? { code } : { error: 'no_code' };
}
