/**
 * Who is signed in: authorization code with PKCE in the browser's own window, and tokens.
 *
 * Everything that touches the tokens runs under one lock of the whole extension, so that two
 * requests never use the same refresh token twice; the server would take that for theft.
 */

import { greet, postForm, readJson } from './api.js';
import { Problem, notUnderstood, passes, signedOut } from './problem.js';
import { authorizationAddress, challengeOf, readReturn, secret } from './pkce.js';
import { DEFAULT_SERVER } from './server.js';
import { unsent } from './queue.js';
import { OFFERS, changeQueue, local, session } from './storage.js';

const CLIENT_ID = 'fanfare-extension';
const SCOPE = 'offers:read shares:write referrals:write wallet:read';

/** A token that ends sooner than this is replaced before it is used. */
const MARGIN_MS = 30_000;

/** What the server says when a sign-in is over: revoked, or its token used twice (RFC 6749 §5.2). */
const ENDED = new Set(['invalid_grant', 'invalid_client', 'unauthorized_client']);

/**
 * @typedef {object} TokenAnswer
 * @property {string} access_token
 * @property {string} refresh_token
 * @property {number} expires_in
 * @property {string} person  A name of the person for this extension alone; the same every time.
 */

/** Return the origin of the server. */
export async function server() {
  return (await local.read('server')) ?? DEFAULT_SERVER;
}

/**
 * Talk to another server from now on.
 *
 * @param {string} origin  As `serverOrigin` returns it.
 * @throws {Problem} `signed-in`: the tokens belong to the server of now.
 */
export async function chooseServer(origin) {
  if (await currentSession()) throw new Problem({ slug: 'signed-in', status: 409 });
  await local.forget([...OFFERS, 'wallet', 'meetings']);
  await local.write({ server: origin });
}

/** Return the name of the sign-in of now, or null. */
export async function currentSession() {
  return (await local.read('refresh'))?.session ?? null;
}

/**
 * Let the person sign in and allow the extension.
 *
 * @throws {Problem} `no-server`, `wrong-server`, `server-trouble`, `sign-in-cancelled`,
 *   `sign-in-unreachable` or `sign-in-refused`; what waits to be sent stays as it is.
 */
export async function signIn() {
  const origin = await server();
  await greet(origin);
  const [state, verifier] = [secret(), secret()];
  const redirectUri = chrome.identity.getRedirectURL();
  const url = authorizationAddress({
    server: origin,
    clientId: CLIENT_ID,
    redirectUri,
    scope: SCOPE,
    state,
    challenge: await challengeOf(verifier),
  });
  const returned = await chrome.identity
    .launchWebAuthFlow({ url, interactive: true })
    .catch((error) => {
      throw new Problem({ slug: slugOfWindow(String(error)), status: 403 });
    });

  const told = readReturn(returned ?? '', { redirectUri, state });
  if ('error' in told) throw new Problem({ slug: slugOf(told.error), status: 403 });

  await navigator.locks.request('tokens', async () => {
    const answer = await tokens(origin, {
      grant_type: 'authorization_code',
      code: told.code,
      redirect_uri: redirectUri,
      code_verifier: verifier,
    }).catch((error) => {
      throw whenRefused(error);
    });
    await keep(answer, `${origin} ${answer.person}`);
  });
}

/**
 * End the sign-in here and on the server, and forget everything that belongs to the person, except
 * what still waits to be sent: that waits until the same person signs in again.  Without a
 * connection only this device forgets; the site can end the rest.
 */
export async function signOut() {
  await navigator.locks.request('tokens', async () => {
    const refresh = await local.read('refresh');
    if (!refresh) return;
    await postForm(`${await server()}/oauth/revoke`, {
      client_id: CLIENT_ID,
      token: refresh.token,
      token_type_hint: 'refresh_token',
    }).catch(() => undefined);
  });
  await changeQueue(unsent);
  await session.forgetPerson();
  await local.forget(['refresh', ...OFFERS, 'wallet', 'meetings', 'channel', 'mastodon']);
}

/**
 * Do something with an access token; when the server no longer takes it, once more with a new one.
 *
 * @template Answer
 * @param {(access: { server: string, token: string }) => Promise<Answer>} act
 * @param {string} [whose]  The sign-in that must still be the one of now.
 * @returns {Promise<Answer>}
 * @throws {Problem} `signed-out` also when somebody else is signed in by now.
 */
export async function withAccess(act, whose) {
  const token = await accessToken('', whose);
  try {
    return await act({ server: await server(), token });
  } catch (error) {
    if (!(error instanceof Problem) || error.trouble.status !== 401) throw error;
    return act({ server: await server(), token: await accessToken(token, whose) });
  }
}

/**
 * Return a token that works as far as we know.
 *
 * @param {string} rejected  A token that the server did not take, or empty.
 * @param {string | undefined} whose
 */
async function accessToken(rejected, whose) {
  return navigator.locks.request('tokens', async () => {
    const [access, now] = [await session.read('access'), await currentSession()];
    if (!now || (whose !== undefined && whose !== now)) throw signedOut();
    const isGood = access?.session === now && access.expires_ms > Date.now() + MARGIN_MS;
    if (isGood && access.token !== rejected) return access.token;
    return refreshed();
  });
}

/**
 * Exchange the refresh token; a sign-in that the server has ended is forgotten here too.  Only the
 * server's own word ends it: what a network in between answers does not.
 */
async function refreshed() {
  const refresh = await local.read('refresh');
  if (!refresh) throw signedOut();
  try {
    const form = { grant_type: 'refresh_token', refresh_token: refresh.token };
    const answer = await tokens(await server(), form);
    await keep(answer, refresh.session);
    return answer.access_token;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    if (!ENDED.has(error.trouble.slug)) throw passes(error.trouble) ? error : notUnderstood();
    await local.forget(['refresh']);
    await session.forgetPerson();
    await session.write({ sign_in_ended: true });
    throw signedOut();
  }
}

/**
 * @param {string} origin
 * @param {Record<string, string>} form
 * @returns {Promise<TokenAnswer>}
 */
async function tokens(origin, form) {
  return readJson(await postForm(`${origin}/oauth/token`, { client_id: CLIENT_ID, ...form }));
}

/**
 * @param {TokenAnswer} answer
 * @param {string} name
 */
async function keep(answer, name) {
  await session.forget(['sign_in_ended']);
  await local.write({ refresh: { token: answer.refresh_token, session: name } });
  const expires = Date.now() + answer.expires_in * 1000;
  await session.write({
    access: { token: answer.access_token, expires_ms: expires, session: name },
  });
}

/**
 * Say what to make of a sign-in whose code the server did not take.
 *
 * @param {unknown} error
 */
function whenRefused(error) {
  if (!(error instanceof Problem)) return error;
  if (passes(error.trouble) && error.trouble.status !== 401) return error;
  return new Problem({ slug: 'sign-in-refused', status: 403 });
}

/** @param {string} error  An OAuth error code, or one of our own. */
function slugOf(error) {
  return error === 'access_denied' ? 'sign-in-cancelled' : 'sign-in-refused';
}

/**
 * Tell a window that the person closed from one that could not show the server's page.
 *
 * @param {string} words  What the browser says; there is nothing else to tell them by.
 */
function slugOfWindow(words) {
  return /could not be loaded/i.test(words) ? 'sign-in-unreachable' : 'sign-in-cancelled';
}
