/** The server's QR codes, as pictures. */

import { element } from '../lib/dom.js';
import { say } from '../lib/words.js';

/**
 * Return the picture that the server draws, or a sentence when it cannot be had.
 *
 * @param {() => Promise<string>} draw  Returns SVG.
 * @param {string} words  What the picture shows.
 * @returns {Promise<Node>}
 */
export async function qrPicture(draw, words) {
  const drawn = await draw().catch(() => null);
  if (!drawn) return element('p', { class: 'trouble' }, say('qrMissing'));
  const address = URL.createObjectURL(new Blob([drawn], { type: 'image/svg+xml' }));
  const picture = element('img', { class: 'qr', id: 'qr', alt: words, src: address });
  picture.addEventListener('load', () => URL.revokeObjectURL(address), { once: true });
  return picture;
}
