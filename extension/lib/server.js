/** Which server the extension talks to: an origin, https unless it is this machine. */

import { urlOf } from './address.js';

export const DEFAULT_SERVER = 'http://127.0.0.1:8000';

/** The machines that plain http is allowed for; the manifest's `connect-src` names them too. */
const LOOPBACK = new Set(['127.0.0.1', 'localhost']);

/** Chromium takes spaces and more into a name, written as `%20`. */
const NAME = /^[a-z0-9.:[\]-]+$/;

/**
 * Read an address that a person typed.
 *
 * @param {string} typed
 * @returns {string | null}  The origin; null when it is not the address of a server.
 */
export function serverOrigin(typed) {
  const text = typed.trim();
  const url = urlOf(/^[a-z]+:\/\//i.test(text) ? text : `https://${text}`);
  if (!url || !NAME.test(url.hostname) || url.username || url.password) return null;
  if (url.pathname !== '/' || url.search || url.hash) return null;
  if (url.protocol === 'https:') return url.origin;
  return url.protocol === 'http:' && LOOPBACK.has(url.hostname) ? url.origin : null;
}
