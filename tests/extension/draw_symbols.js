/** Draw the QR code of each line of stdin with every mask, as JSON; for a comparison with segno. */

import { readFileSync } from 'node:fs';

import { qrSymbol } from '../../extension/lib/qr.js';

const texts = JSON.parse(readFileSync(0, 'utf8'));
const drawn = texts.map((text) =>
  [0, 1, 2, 3, 4, 5, 6, 7, undefined].map((mask) =>
    qrSymbol(text, mask)?.map((row) => row.map(Number).join('')) ?? null,
  ),
);
console.log(JSON.stringify(drawn));
