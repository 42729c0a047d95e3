/**
 * The wallet: fetched when somebody looks, kept so that the next look shows something at once.
 *
 * @import {WalletOut} from './types.js'
 */

import * as api from './api.js';
import { withAccess } from './auth.js';
import { local, session } from './storage.js';
import { say } from './words.js';

const RECENT_MS = 15 * 60_000;

/**
 * Return the wallet as the server has it now.
 *
 * @throws {Problem}
 */
export async function fresh() {
  const wallet = await withAccess((access) => api.wallet(access, say('localeCode')));
  await local.write({ wallet }).catch(() => undefined); // without room it is only not kept
  await session.write({ wallet_ms: Date.now() });
  return wallet;
}

/**
 * Return the wallet as it was within the last quarter of an hour: what opens beside a page asks the
 * server no more often than that, however many pages somebody looks at.
 *
 * @returns {Promise<WalletOut>}
 * @throws {Problem}
 */
export async function recent() {
  const [wallet, at] = await Promise.all([local.read('wallet'), session.read('wallet_ms')]);
  const age = Date.now() - (at ?? 0);
  return wallet && age >= 0 && age < RECENT_MS ? wallet : fresh();
}

/** Let the next look ask the server: something of the person is on its way there. */
export const outdate = () => session.forget(['wallet_ms']);
