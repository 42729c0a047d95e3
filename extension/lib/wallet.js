/** The wallet: fetched when somebody looks, kept so that the next look shows something at once. */

import * as api from './api.js';
import { withAccess } from './auth.js';
import { local } from './storage.js';
import { say } from './words.js';

/**
 * Return the wallet as the server has it now.
 *
 * @throws {Problem}
 */
export async function fresh() {
  const wallet = await withAccess((access) => api.wallet(access, say('localeCode')));
  await local.write({ wallet }).catch(() => undefined); // without room it is only not kept
  return wallet;
}
