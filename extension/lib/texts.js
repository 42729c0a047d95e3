/**
 * What a network's own share dialog is opened with.
 *
 * @import {ShareOut} from './types.js'
 */

/**
 * Return the address of X's dialog with the text, which begins with the disclosure, and the link.
 *
 * @param {ShareOut} share
 */
export function xDialog(share) {
  const dialog = new URL('https://x.com/intent/post');
  dialog.searchParams.set('text', withoutLink(share));
  dialog.searchParams.set('url', share.link);
  return dialog.href;
}

/**
 * Return the text of a share without the link at its end; X adds the link by itself.
 *
 * @param {ShareOut} share
 */
export function withoutLink(share) {
  return share.text.endsWith(share.link)
    ? share.text.slice(0, -share.link.length).trimEnd()
    : share.text;
}
