/**
 * Sharing in person: codes that this device signs without a connection, and who took them.
 *
 * @import {InPersonCode, MeetingsOut, SpokenOut} from './types.js'
 * @import {KeptKey} from './device_key.js'
 * @import {Local} from './storage.js'
 *
 * @typedef {Local['meetings']} Meetings
 */

import * as api from './api.js';
import { currentSession, withAccess } from './auth.js';
import { showCount } from './badge.js';
import * as deviceKey from './device_key.js';
import { Problem, signedOut } from './problem.js';
import { pathOf, qrSymbol } from './qr.js';
import { signedCode } from './signed_code.js';
import { local } from './storage.js';

/** How long the friend may take, and then the person, to say that they met. */
const ANSWERED_WITHIN_MS = (7 * 24 * 60 + 15) * 60_000;

/**
 * Let the server know this device's key; for right after signing in.  One that was ended on the
 * site is replaced by a new one: that is what signing in again is for.
 *
 * Without a connection it is tried again when a code is made.
 */
export async function register() {
  const session = await currentSession();
  if (!session) return;
  const known = async () => introduced(session, await deviceKey.keyOf(session));
  await known()
    .catch((error) => {
      if (isEnded(error)) return known();
      throw error;
    })
    .catch(passOver);
}

/**
 * Make a code for a link, valid for 15 minutes and one friend.  Needs no connection, except once
 * before, so that the server knows the device; then it asks nobody and waits for nothing.
 *
 * @param {string} linkCode  Of a share whose channel is `qr`.
 * @returns {Promise<InPersonCode>}
 * @throws {Problem} `signed-out`, or why the server does not know the device yet.
 */
export async function make(linkCode) {
  const session = await currentSession();
  if (!session) throw signedOut();
  const key = await registered(session);
  const made = await signedCode(deviceKey.signerOf(key), linkCode, Date.now());
  const address = `${key.address}${made.token}`;
  const symbol = qrSymbol(address);
  if (!symbol) throw new Problem({ slug: 'bug' });
  const { token, nonce, expires_ms } = made;
  await navigator.locks.request('meetings', async () => {
    const kept = await keptOf(session);
    await keep({ ...kept, until_ms: Date.now() + ANSWERED_WITHIN_MS });
  });
  return { address, token, nonce, picture: pathOf(symbol), expires_ms };
}

/**
 * Let the server hear of a code, so that it can be said aloud; again gives the same answer.
 *
 * @param {string} token
 * @returns {Promise<SpokenOut>}
 * @throws {Problem}
 */
export function announce(token) {
  return withAccess((access) => api.announce(access, token));
}

/**
 * Return who took codes and waits for the person's word, and keep it for the next look.
 *
 * @returns {Promise<MeetingsOut>}
 */
export function waiting() {
  return navigator.locks.request('meetings', async () => {
    const session = (await currentSession()) ?? '';
    const found = await withAccess((access) => api.meetings(access), session);
    await keep({ ...(await keptOf(session)), ...found });
    return found;
  });
}

/**
 * Say whether it was them; saying it again changes nothing.
 *
 * @param {string} id
 * @param {boolean} isConfirmed
 * @throws {Problem}  The question stays.
 */
export function decide(id, isConfirmed) {
  const decision = isConfirmed ? 'confirm' : 'decline';
  return navigator.locks.request('meetings', async () => {
    const session = (await currentSession()) ?? '';
    await withAccess((access) => api.decide(access, id, decision), session);
    const kept = await keptOf(session);
    await keep({ ...kept, meetings: kept.meetings.filter((meeting) => meeting.id !== id) });
  });
}

/**
 * @param {string} session
 * @returns {Promise<Meetings>}
 */
async function keptOf(session) {
  const kept = await local.read('meetings');
  return kept?.session === session ? kept : { session, meetings: [], until_ms: 0 };
}

/** @param {Meetings} meetings */
async function keep(meetings) {
  if (meetings.session !== (await currentSession())) return; // they have signed out meanwhile
  if (JSON.stringify(await local.read('meetings')) === JSON.stringify(meetings)) return;
  await local.write({ meetings }).catch(() => undefined); // without room it is only not kept
  await showCount();
}

/**
 * Return a person's key, known to the server.
 *
 * @param {string} session
 * @returns {Promise<KeptKey>}
 */
async function registered(session) {
  const key = await deviceKey.keyOf(session);
  return key.address ? key : introduced(session, key);
}

/**
 * Let the server know a key, and where its codes lead.
 *
 * @param {string} session
 * @param {KeptKey} key
 * @returns {Promise<KeptKey>}
 */
async function introduced(session, key) {
  const { address } = await withAccess((access) => api.registerKey(access, key), session).catch(
    async (error) => {
      if (isEnded(error)) await deviceKey.forget(session); // the next is new
      throw error;
    },
  );
  const known = { ...key, address };
  await deviceKey.keep(session, known);
  return known;
}

/**
 * Tell whether the server takes this key no more: it was ended on the site.
 *
 * @param {unknown} error
 */
function isEnded(error) {
  return error instanceof Problem && error.trouble.status === 409;
}

/**
 * Go on without what the server would have said.
 *
 * @param {unknown} error
 */
function passOver(error) {
  if (!(error instanceof Problem)) throw error;
  return null;
}
