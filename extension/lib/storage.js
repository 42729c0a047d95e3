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
 * @import {Divided} from './divided.js'
 * @import {MeetingOut, OfferOut, QueuedEvent, WalletOut} from './types.js'
 *
 * @typedef {object} Single
 * @property {string} server
 * @property {{ token: string, session: string }} refresh  `session` names the server and the
 *   person there, so that what somebody leaves waiting here is theirs when they come again.
 * @property {QueuedEvent[]} queue
 * @property {{ etag: string } & Omit<Divided, 'parts'>} offers
 * @property {WalletOut} wallet  As last fetched, to be shown at once.
 * @property {{ session: string, meetings: MeetingOut[], until_ms: number }} meetings  Who waits for
 *   the person's word, as last heard; until when somebody may who took a code that was made here.
 * @property {string} channel  How the person shared last.
 * @property {string} mastodon  The server of the person's Mastodon account.
 *
 * @typedef {Single & { [part in `offers.${number}`]: OfferOut[] }} Local  The offers are in parts.
 *
 * @typedef {object} Session
 * @property {{ token: string, expires_ms: number, session: string }} access
 * @property {string[]} stood_down
 * @property {string[]} settled_visits
 * @property {number} wallet_ms  When the wallet was last fetched.
 * @property {boolean} sign_in_ended  By the server, and nobody has signed in since.
 */

import { PARTS_MAX } from './divided.js';
import { storageFull } from './problem.js';

/**
 * Return the name of a part of the offers.
 *
 * @param {number} number
 */
export const offersPart = (number) => /** @type {const} */ (`offers.${number}`);

/**
 * Return the names of the parts from one on, whether they are there or not.
 *
 * @param {number} first
 */
export const partsFrom = (first) =>
  Array.from({ length: PARTS_MAX - first }, (_, place) => offersPart(first + place));

/** All names that the offers are kept under. */
export const OFFERS = /** @type {(keyof Local)[]} */ (['offers', ...partsFrom(0)]);

export const local = {
  /**
   * @template {keyof Local} Name
   * @param {Name} name
   * @returns {Promise<Local[Name] | undefined>}
   */
  read: async (name) =>
    /** @type {Partial<Local>} */ (await chrome.storage.local.get(name))[name],

  /**
   * Read some values as they were at one moment.
   *
   * @template {keyof Local} Name
   * @param {Name[]} names
   * @returns {Promise<Partial<Pick<Local, Name>>>}
   */
  these: (names) => chrome.storage.local.get(names),

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
        await local.forget(OFFERS);
        await chrome.storage.local.set(values);
      })
      .catch(() => {
        throw storageFull();
      }),

  /** @param {(keyof Local)[]} names */
  forget: (names) => chrome.storage.local.remove(/** @type {string[]} */ (names)),
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
  onChange('queue', callback);
}

/**
 * Call back whenever something in `local` was written.
 *
 * @param {keyof Local} name
 * @param {() => void} callback
 */
export function onChange(name, callback) {
  chrome.storage.onChanged.addListener((changes, area) => {
    if (area === 'local' && name in changes) callback();
  });
}
