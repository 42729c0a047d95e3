/**
 * A code for sharing in person, made without a connection: 105 bytes, 140 characters of base64url,
 * signed with a key that never leaves this device.  `server/services/signed_codes.py` reads it.
 *
 * Version (1 byte), name of the key (16), link code (10), nonce (8), issued (4, seconds since 1970),
 * life (2, seconds), and the signature (64) over `CONTEXT` and the bytes before it.
 *
 * @typedef {object} Signer
 * @property {string} kid
 * @property {(bytes: Uint8Array<ArrayBuffer>) => Promise<ArrayBuffer>} sign  ECDSA P-256, SHA-256.
 *
 * @typedef {object} SignedCode
 * @property {string} token
 * @property {string} nonce
 * @property {string} spoken  Works only once the server has heard of the code.
 * @property {number} expires_ms
 */

const CONTEXT = new TextEncoder().encode('fanfare in person 1\n');
const VERSION = 1;
const SIGNED_BYTES = 41;
const NONCE_BYTES = 8;
const LINK_CODE_BYTES = 10;

/** How long a code can be taken. */
export const LIFE_SECONDS = 15 * 60;

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const SPOKEN_BYTES = 5;

/**
 * Make a code.
 *
 * @param {Signer} signer
 * @param {string} linkCode  Of a share whose channel is `qr`.
 * @param {number} nowMs
 * @param {Uint8Array} [nonce]
 * @returns {Promise<SignedCode>}
 */
export async function signedCode(signer, linkCode, nowMs, nonce = randomNonce()) {
  const issued = Math.floor(nowMs / 1000);
  const signed = new Uint8Array(SIGNED_BYTES);
  const view = new DataView(signed.buffer);
  view.setUint8(0, VERSION);
  signed.set(bytesOf(signer.kid), 1);
  signed.set(new TextEncoder().encode(linkCode).subarray(0, LINK_CODE_BYTES), 17);
  signed.set(nonce, 27);
  view.setUint32(35, issued);
  view.setUint16(39, LIFE_SECONDS);

  const inContext = joined(CONTEXT, signed);
  const signature = new Uint8Array(await signer.sign(inContext));
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', inContext));
  return {
    token: base64url(joined(signed, signature)),
    nonce: base64url(nonce),
    spoken: spokenOf(digest.subarray(0, SPOKEN_BYTES)),
    expires_ms: (issued + LIFE_SECONDS) * 1000,
  };
}

/**
 * Return the name of a public key: the first 16 bytes of its thumbprint (RFC 7638).
 *
 * @param {{ x: string, y: string }} key
 */
export async function nameOf({ x, y }) {
  const written = new TextEncoder().encode(JSON.stringify({ crv: 'P-256', kty: 'EC', x, y }));
  return base64url(new Uint8Array(await crypto.subtle.digest('SHA-256', written)).subarray(0, 16));
}

/** @param {Uint8Array} bytes  Five of them: eight letters and digits. */
function spokenOf(bytes) {
  const bits = bytes.reduce((all, byte) => all * 256n + BigInt(byte), 0n);
  const letters = Array.from({ length: 8 }, (_, place) =>
    CROCKFORD.charAt(Number((bits >> BigInt(5 * (7 - place))) & 31n)),
  );
  return `${letters.slice(0, 4).join('')}-${letters.slice(4).join('')}`;
}

function randomNonce() {
  return crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
}

/**
 * @param {Uint8Array} first
 * @param {Uint8Array} second
 */
function joined(first, second) {
  const all = new Uint8Array(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}

/** @param {Uint8Array} bytes */
function base64url(bytes) {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}

/** @param {string} text */
function bytesOf(text) {
  const plain = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}
