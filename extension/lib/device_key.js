/**
 * The key of this device: made here, kept by the browser in IndexedDB, and not exportable, so that
 * nobody can carry it away, not even this extension.
 *
 * Each person who signs in here has one of their own.  It outlives signing out: only the same person
 * can use it again, and a new one at every sign-in would soon be one too many for the server.
 *
 * @import {Signer} from './signed_code.js'
 *
 * @typedef {object} KeptKey
 * @property {CryptoKeyPair} pair
 * @property {string} x
 * @property {string} y
 * @property {string} kid
 * @property {string | null} address  What codes are written behind; null until the server knows
 *   the key.
 */

import { nameOf } from './signed_code.js';

const DATABASE = 'fanfare';
const STORE = 'device_keys';
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' };
const SIGNING = { name: 'ECDSA', hash: 'SHA-256' };

/**
 * Return a person's key on this device, made now if there is none.
 *
 * @param {string} session
 * @returns {Promise<KeptKey>}
 */
export async function keyOf(session) {
  return navigator.locks.request('device-key', async () => {
    const kept = await find(session);
    if (kept) return kept;
    const made = await newKey();
    await keep(session, made);
    return made;
  });
}

/**
 * Return a person's key on this device, or null.
 *
 * @param {string} session
 * @returns {Promise<KeptKey | null>}
 */
export async function find(session) {
  return (await asked('readonly', (store) => store.get(session))) ?? null;
}

/**
 * Keep a person's key.
 *
 * @param {string} session
 * @param {KeptKey} key
 */
export async function keep(session, key) {
  await asked('readwrite', (store) => store.put(key, session));
}

/**
 * Forget a person's key; nobody has it any more then.
 *
 * @param {string} session
 */
export async function forget(session) {
  await asked('readwrite', (store) => store.delete(session));
}

/**
 * Return how many people have a key on this device.
 *
 * @returns {Promise<number>}
 */
export function count() {
  return asked('readonly', (store) => store.count());
}

/**
 * Return what signs with a key.
 *
 * @param {KeptKey} key
 * @returns {Signer}
 */
export function signerOf({ pair, kid }) {
  return { kid, sign: (bytes) => crypto.subtle.sign(SIGNING, pair.privateKey, bytes) };
}

/** @returns {Promise<KeptKey>} */
async function newKey() {
  const pair = await crypto.subtle.generateKey(ALGORITHM, false, ['sign', 'verify']);
  const { x = '', y = '' } = await crypto.subtle.exportKey('jwk', pair.publicKey);
  return { pair, x, y, kid: await nameOf({ x, y }), address: null };
}

/**
 * Ask the store of keys one thing.
 *
 * @param {IDBTransactionMode} mode
 * @param {(store: IDBObjectStore) => IDBRequest} ask
 * @returns {Promise<any>}
 */
async function asked(mode, ask) {
  const database = await opened();
  try {
    return await answer(ask(database.transaction(STORE, mode).objectStore(STORE)));
  } finally {
    database.close();
  }
}

/** @returns {Promise<IDBDatabase>} */
function opened() {
  const request = indexedDB.open(DATABASE, 1);
  request.addEventListener('upgradeneeded', () => request.result.createObjectStore(STORE));
  return answer(request);
}

/**
 * @param {IDBRequest} request
 * @returns {Promise<any>}
 */
function answer(request) {
  return new Promise((resolve, reject) => {
    request.addEventListener('success', () => resolve(request.result));
    request.addEventListener('error', () => reject(request.error));
  });
}
