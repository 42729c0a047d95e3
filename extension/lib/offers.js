/**
 * The offers document: fetched when it changed, kept for when there is no connection.
 *
 * @import {AskedOffers} from './types.js'
 */

import * as api from './api.js';
import { withAccess } from './auth.js';
import { keep } from './kept_offers.js';
import { Problem } from './problem.js';
import { local } from './storage.js';
import { say } from './words.js';

/**
 * Make the kept offers as fresh as the connection allows.
 *
 * @returns {Promise<AskedOffers>}
 */
export async function refresh() {
  const etag = (await local.read('offers'))?.etag ?? '';
  try {
    const fetched = await withAccess((access) => api.offers(access, say('localeCode'), etag));
    if (!fetched) return { unkept: null, trouble: null };
    const isKept = await keep(fetched).then(() => true, () => false); // without room: asked again
    return { unkept: isKept ? null : fetched.document, trouble: null };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return { unkept: null, trouble: error.trouble };
  }
}
