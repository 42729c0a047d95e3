/** Sign codes as the extension does, for the server's own reader; a line of JSON in, one out. */

import { readFileSync } from 'node:fs';

import { nameOf, signedCode } from '../../extension/lib/signed_code.js';

const { link, now, count } = JSON.parse(readFileSync(0, 'utf8'));
const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, [
  'sign', 'verify',
]);
const { x, y } = await crypto.subtle.exportKey('jwk', pair.publicKey);
const kid = await nameOf({ x, y });
const sign = (bytes) =>
  crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, pair.privateKey, bytes);
const codes = [];
for (let made = 0; made < count; made += 1) codes.push(await signedCode({ kid, sign }, link, now));
console.log(JSON.stringify({ x, y, kid, codes, extractable: pair.privateKey.extractable }));
