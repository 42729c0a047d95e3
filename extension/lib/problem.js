/**
 * What can go wrong between here and the server, as one error with a stable shape.
 *
 * @import {Trouble} from './types.js'
 */

/**
 * Statuses that pass by themselves: trying the same request again later is right.  401 is among
 * them, because what was asked is not what was refused.
 */
const PASSING = new Set([0, 401, 408, 425, 429]);

/** The slug when nobody is signed in, as far as this device knows. */
export const SIGNED_OUT = 'signed-out';

/** A request that was not granted; `trouble` says why and can be stored. */
export class Problem extends Error {
  /** @param {Partial<Trouble> & { slug: string }} trouble */
  constructor(trouble) {
    super(trouble.detail || trouble.slug);
    this.name = 'Problem';
    /** @type {Trouble} */
    this.trouble = { status: 0, key: '', detail: '', retry_after_seconds: 0, ...trouble };
  }
}

/** No answer came: the device is offline, or the server is. */
export const offline = () => new Problem({ slug: 'offline' });

/** The answer is not the server's: a login page of the network, for example. */
export const notUnderstood = () => new Problem({ slug: 'not-understood' });

/** The browser did not store what was to be kept: the device has no room, as a rule. */
export const storageFull = () => new Problem({ slug: 'storage-full' });

/** Nobody is signed in, or the server has ended the sign-in. */
export const signedOut = () => new Problem({ slug: SIGNED_OUT, status: 401 });

/**
 * Say whether the same request may be granted later.
 *
 * @param {Trouble} trouble
 */
export function passes(trouble) {
  return PASSING.has(trouble.status) || trouble.status >= 500;
}

/**
 * Read an answer that is not a success: a problem document (RFC 9457), an OAuth error
 * (RFC 6749 §5.2), or anything else.
 *
 * @param {number} status
 * @param {string} body
 * @param {string | null} retryAfter  The Retry-After header; only its seconds form is used.
 */
export function problemFrom(status, body, retryAfter) {
  const members = membersOf(body);
  const type = String(members['type'] ?? members['error'] ?? 'http');

  return new Problem({
    status,
    slug: type.split('/').at(-1) || 'http',
    key: String(members['key'] ?? ''),
    detail: String(members['detail'] ?? members['error_description'] ?? ''),
    retry_after_seconds: /^\d{1,6}$/.test(retryAfter ?? '') ? Number(retryAfter) : 0,
  });
}

/**
 * @param {string} body
 * @returns {Record<string, unknown>}
 */
function membersOf(body) {
  try {
    const value = JSON.parse(body);
    return value !== null && typeof value === 'object' && !Array.isArray(value) ? value : {};
  } catch {
    return {};
  }
}
