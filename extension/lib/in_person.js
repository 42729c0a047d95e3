/**
 * Sharing in person: codes that this device signs without a connection, and who took them.
 *
 * @import {InPersonCode, MeetingsOut} from './types.js'
 * @import {KeptKey} from './device_key.js'
 */

import * as api from './api.js';
import { currentSession, withAccess } from './auth.js';
import * as deviceKey from './device_key.js';
import { Problem, signedOut } from './problem.js';
import { pathOf, qrSymbol } from './qr.js';
import { signedCode } from './signed_code.js';

/**
 * Let the server know this device's key, once for each person; for right after signing in.
 *
 * Without a connection it is tried again when a code is made.
 */
export async function register() {
  const session = await currentSession();
  if (session) await registered(session).catch(passOver);
}

/**
 * Make a code for a link, valid for 15 minutes and one friend.  Needs no connection, except once
 * before, so that the server knows the device.
 *
 * @param {string} linkCode  Of a share whose channel is `qr`.
 * @returns {Promise<InPersonCode>}  `spoken` is null while the server has not heard of it.
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
  const told = await withAccess((access) => api.announce(access, made.token), session).catch(passOver);
  return {
    address,
    picture: pathOf(symbol),
    spoken: told ? told.spoken : null,
    expires_ms: made.expires_ms,
  };
}

/**
 * Return who took codes and waits for the person's word.
 *
 * @returns {Promise<MeetingsOut>}
 */
export function waiting() {
  return withAccess((access) => api.meetings(access));
}

/**
 * Say whether it was them; saying it again changes nothing.
 *
 * @param {string} id
 * @param {boolean} isConfirmed
 */
export async function decide(id, isConfirmed) {
  const decision = isConfirmed ? 'confirm' : 'decline';
  await withAccess((access) => api.decide(access, id, decision));
}

/**
 * Return a person's key, known to the server.
 *
 * @param {string} session
 * @returns {Promise<KeptKey>}
 */
async function registered(session) {
  const key = await deviceKey.keyOf(session);
  if (key.address) return key;
  const { address } = await withAccess((access) => api.registerKey(access, key), session).catch(
    async (error) => {
      const isEnded = error instanceof Problem && error.trouble.status === 409;
      if (isEnded) await deviceKey.forget(session); // it was ended on the site: the next is new
      throw error;
    },
  );
  const known = { ...key, address };
  await deviceKey.keep(session, known);
  return known;
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
