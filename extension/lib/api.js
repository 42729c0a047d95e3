/**
 * The server's extension API, one function for each request; it knows nothing of storage.
 *
 * @import {ClaimOut, DeviceKeyOut, MeetingsOut, OffersOut} from './types.js'
 * @import {QueuedEvent, ShareOut, SpokenOut, WalletOut} from './types.js'
 *
 * @typedef {object} Access
 * @property {string} server
 * @property {string} token
 *
 * @typedef {object} RequestOptions
 * @property {string} [method]
 * @property {object} [body]
 * @property {Record<string, string> | undefined} [headers]
 */

import { Problem, notUnderstood, offline, passes, problemFrom } from './problem.js';

const BASE = '/api/extension/v1';
const PATIENCE_MS = 10_000;

/**
 * Find out whether a Fanfare server answers at an address, before a window opens there.  Without a
 * token it refuses, which is what we want to hear.
 *
 * @param {string} server
 * @throws {Problem} `no-server`, `wrong-server` or `server-trouble`
 */
export async function greet(server) {
  const trouble = await answered(`${server}${BASE}/offers`, {}).then(
    () => notUnderstood().trouble,
    (error) => {
      if (error instanceof Problem) return error.trouble;
      throw error;
    },
  );
  if (trouble.status === 401) return;
  if (trouble.slug === 'offline') throw new Problem({ slug: 'no-server' });
  const { status } = trouble;
  throw new Problem({ slug: passes(trouble) && status ? 'server-trouble' : 'wrong-server', status });
}

/**
 * Ask for the published offers.
 *
 * @param {Access} access
 * @param {string} language  In which the offers shall speak.
 * @param {string} etag  Of the document at hand, or empty.
 * @returns {Promise<{ etag: string, document: OffersOut } | null>}  Null when it is still right.
 */
export async function offers(access, language, etag) {
  const headers = etag ? { 'If-None-Match': etag } : undefined;
  const response = await request(access, `/offers?language=${language}`, { headers });
  if (response.status === 304) return null;
  return { etag: response.headers.get('ETag') ?? '', document: await readJson(response) };
}

/**
 * Ask for what the person has earned and shared.
 *
 * @param {Access} access
 * @param {string} language
 * @returns {Promise<WalletOut>}
 */
export async function wallet(access, language) {
  return readJson(await request(access, `/wallet?language=${language}`));
}

/**
 * Ask for a share's QR code as SVG.
 *
 * @param {Access} access
 * @param {string} code
 */
export async function qr(access, code) {
  return (await request(access, `/shares/${encodeURIComponent(code)}/qr.svg`)).text();
}

/**
 * Ask for a discount code's QR code as SVG.
 *
 * @param {Access} access
 * @param {string} code
 */
export async function codeQr(access, code) {
  return (await request(access, `/wallet/codes/${encodeURIComponent(code)}/qr.svg`)).text();
}

/**
 * Send an event; sending it again gives the same answer.
 *
 * @param {Access} access
 * @param {QueuedEvent} event
 * @returns {Promise<ShareOut | ClaimOut | null>}
 */
export async function send(access, event) {
  if (event.kind === 'withdrawal') {
    const code = encodeURIComponent(event.body.code);
    await request(access, `/shares/${code}/withdrawal`, { method: 'POST' });
    return null;
  }
  const body =
    event.kind === 'share'
      ? { event_id: event.id, ...event.body, created_at: madeAt(event) }
      : { event_id: event.id, ...event.body };
  const path = event.kind === 'share' ? '/shares' : '/referral-claims';
  return readJson(await request(access, path, { method: 'POST', body }));
}

/**
 * Let the server know the public half of this device's key; again gives the same answer.
 *
 * @param {Access} access
 * @param {{ x: string, y: string }} key
 * @returns {Promise<DeviceKeyOut>}
 */
export async function registerKey(access, { x, y }) {
  return readJson(await request(access, '/device-keys', { method: 'POST', body: { x, y } }));
}

/**
 * Tell of a code that this device signed, so that it can be said aloud.
 *
 * @param {Access} access
 * @param {string} token
 * @returns {Promise<SpokenOut>}
 */
export async function announce(access, token) {
  return readJson(await request(access, '/meetings', { method: 'POST', body: { token } }));
}

/**
 * Ask who took codes and waits for the person's word.
 *
 * @param {Access} access
 * @returns {Promise<MeetingsOut>}
 */
export async function meetings(access) {
  return readJson(await request(access, '/meetings'));
}

/**
 * Say whether it was them; again changes nothing.
 *
 * @param {Access} access
 * @param {string} id
 * @param {'confirm' | 'decline'} decision
 */
export async function decide(access, id, decision) {
  const path = `/meetings/${encodeURIComponent(id)}/decision`;
  await request(access, path, { method: 'POST', body: { decision } });
}

/**
 * Return when an event was made, as far as the clock of now can believe it.
 *
 * @param {QueuedEvent} event
 */
function madeAt(event) {
  const now = new Date().toISOString();
  return event.made_at > now ? now : event.made_at; // the clock was turned back since
}

/**
 * Fetch from the server and tell success from trouble.
 *
 * @param {Access} access
 * @param {string} path
 * @param {RequestOptions} [options]
 * @returns {Promise<Response>}  A success, or 304.
 * @throws {Problem}
 */
async function request(access, path, { method = 'GET', body, headers } = {}) {
  return answered(`${access.server}${BASE}${path}`, {
    method,
    headers: {
      Authorization: `Bearer ${access.token}`,
      ...(body ? { 'Content-Type': 'application/json' } : {}),
      ...headers,
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
}

/**
 * Post a form to the authorization server.
 *
 * @param {string} address
 * @param {Record<string, string>} form
 * @throws {Problem}
 */
export function postForm(address, form) {
  return answered(address, { method: 'POST', body: new URLSearchParams(form) });
}

/**
 * Read a success.
 *
 * @param {Response} response
 * @throws {Problem} `not-understood`
 */
export async function readJson(response) {
  return response.json().catch(() => {
    throw notUnderstood();
  });
}

/**
 * @param {string} address
 * @param {RequestInit} options
 */
async function answered(address, options) {
  const response = await fetch(address, {
    ...options,
    cache: 'no-store',
    credentials: 'omit',
    redirect: 'error',
    referrerPolicy: 'no-referrer',
    signal: AbortSignal.timeout(PATIENCE_MS),
  }).catch(() => {
    throw offline();
  });
  if (response.ok || response.status === 304) return response;
  const body = await response.text().catch(() => '');
  const problem = problemFrom(response.status, body, response.headers.get('Retry-After'));
  const isOurs = problem.trouble.slug !== 'http' || passes(problem.trouble);
  throw isOurs ? problem : notUnderstood(); // our server never refuses without its own words
}
