/**
 * What is stored on this device, each thing under one name.
 *
 * `local` survives the browser: the server's address, the queue, the offers as last fetched, and
 * the refresh token.  `session` lives in memory only: the access token, the brand domains to stand
 * down on, and the visits that were settled.
 *
 * The refresh token is in `local` because events must arrive after the browser was closed without
 * anybody signing in again.  That is no weaker than a session cookie in the same profile: only
 * this extension can read it, it is replaced at every use, its reuse ends the whole sign-in, and
 * the person can end it on the site.
 *
 * @import {OffersOut, QueuedEvent, WalletOut} from './types.js'
 *
 * @typedef {object} Local
 * @property {string} server
 * @property {{ token: string, session: string }} refresh  `session` names the server and the
 *   person there, so that what somebody leaves waiting here is theirs when they come again.
 * @property {QueuedEvent[]} queue
 * @property {{ etag: string, document: OffersOut }} offers
 * @property {WalletOut} wallet  As last fetched, to be shown at once.
 * @property {string} channel  How the person shared last.
 * @property {string} mastodon  The server of the person's Mastodon account.
 *
 * @typedef {object} Session
 * @property {{ token: string, expires_ms: number, session: string }} access
 * @property {string[]} stood_down
 * @property {string[]} settled_visits
 * @property {number} wallet_ms  When the wallet was last fetched.
 * @property {boolean} sign_in_ended  By the server, and nobody has signed in since.
 */

import { storageFull } from './problem.js';

export const local = {
  /**
   * @template {keyof Local} Name
   * @param {Name} name
   * @returns {Promise<Local[Name] | undefined>}
   */
  read: async (name) =>
    /** @type {Partial<Local>} */ (await chrome.storage.local.get(name))[name],

  /** @returns {Promise<Partial<Local>>} */
  all: () => chrome.storage.local.get(),

  /**
   * Store values; when there is no room, without the offers, which can be fetched again.
   *
   * @param {Partial<Local>} values
   * @throws {Problem} `storage-full`: what was stored before is still there.
   */
  write: (values) =>
    chrome.storage.local
      .set(values)
      .catch(async () => {
        await chrome.storage.local.remove('offers');
        await chrome.storage.local.set(values);
      })
      .catch(() => {
        throw storageFull();
      }),

  /** @param {(keyof Local)[]} names */
  forget: (names) => chrome.storage.local.remove(names),
};

export const session = {
  /**
   * @template {keyof Session} Name
   * @param {Name} name
   * @returns {Promise<Session[Name] | undefined>}
   */
  read: async (name) =>
    /** @type {Partial<Session>} */ (await chrome.storage.session.get(name))[name],

  /** @returns {Promise<Partial<Session>>} */
  all: () => chrome.storage.session.get(),

  /** @param {Partial<Session>} values */
  write: (values) => chrome.storage.session.set(values),

  /** @param {(keyof Session)[]} names */
  forget: (names) => chrome.storage.session.remove(names),

  /**
   * Forget what belongs to the person.  That another affiliate was here belongs to the browser's
   * session: signing out and in again does not make it undone.
   */
  forgetPerson: () => chrome.storage.session.remove([
    'access', 'settled_visits', 'sign_in_ended', 'wallet_ms',
  ]),
};

/** @returns {Promise<QueuedEvent[]>} */
export async function readQueue() {
  return (await local.read('queue')) ?? [];
}

/**
 * Change the queue as one step; other parts of the extension wait meanwhile.
 *
 * @param {(queue: QueuedEvent[]) => QueuedEvent[]} change
 * @throws {Problem} `storage-full`
 */
export function changeQueue(change) {
  return navigator.locks.request('queue', async () => {
    const queue = change(await readQueue());
    if (queue.length) await local.write({ queue });
    else await local.forget(['queue']);
  });
}

/**
 * Call back whenever the queue was written.
 *
 * @param {() => void} callback
 */
export function onQueueChange(callback) {
  chrome.storage.onChanged.addListener((changes, area) => {
    if (area === 'local' && 'queue' in changes) callback();
  });
}
