/**
 * The offers document: fetched when it changed, kept for when there is no connection.
 *
 * @import {KnownOffers} from './types.js'
 */

import * as api from './api.js';
import { withAccess } from './auth.js';
import { Problem } from './problem.js';
import { local } from './storage.js';
import { say } from './words.js';

/**
 * Return the offers as fresh as the connection allows.
 *
 * @returns {Promise<KnownOffers>}
 */
export async function known() {
  const kept = await local.read('offers');
  try {
    const fresh = await withAccess((access) =>
      api.offers(access, say('localeCode'), kept?.etag ?? ''),
    );
    if (!fresh) return { document: kept?.document ?? null, trouble: null };
    await local.write({ offers: fresh }).catch(() => undefined); // they are asked for again
    return { document: fresh.document, trouble: null };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return { document: kept?.document ?? null, trouble: error.trouble };
  }
}
