/**
 * The tab "Wallet": what was earned, why, and what was shared.
 *
 * @import {CodeOut, PendingOut, PlaceOut, ShareLineOut, WalletOut} from '../lib/types.js'
 */

import { announce, button, copyButton, element, show } from '../lib/dom.js';
import { ask } from '../lib/messages.js';
import { money, percent } from '../lib/money.js';
import { Problem, SIGNED_OUT } from '../lib/problem.js';
import { DEFAULT_SERVER } from '../lib/server.js';
import { local } from '../lib/storage.js';
import { date, say, sayTrouble } from '../lib/words.js';
import { contentList } from './content.js';
import { handOverButton, isHandingOver } from './meet.js';
import { note, notice } from './notice.js';
import { qrPicture } from './qr.js';
import * as shownHere from './shown.js';

/** The words for what became of a code. */
const CODE_STATES = new Map([
  ['issued', 'codeIssued'],
  ['reserved', 'codeReserved'],
  ['redeemed', 'codeRedeemed'],
  ['expired', 'codeExpired'],
  ['revoked', 'codeRevoked'],
]);

/**
 * Show the wallet as it was kept, and then as the server has it now.
 *
 * @param {HTMLElement} panel
 */
export async function showWallet(panel) {
  const { wallet: kept, ...stored } = await local.these(['wallet', 'refresh', 'server']);
  const { refresh, server = DEFAULT_SERVER } = stored;
  if (kept && refresh) showAnew(panel, walletView(panel, kept, server));
  else panel.setAttribute('aria-busy', 'true');
  try {
    const fresh = await ask('wallet.get', null);
    if (isHandingOver(panel)) return;
    if (kept && JSON.stringify(fresh) === JSON.stringify(kept)) return;
    showAnew(panel, walletView(panel, fresh, server));
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    if (isHandingOver(panel)) return;
    const words = sayTrouble(error.trouble);
    const isSignedOut = error.trouble.slug === SIGNED_OUT;
    if (kept && !isSignedOut) panel.firstElementChild?.prepend(note('old', say('keptOnly', words)));
    else show(panel, troubleView(panel, isSignedOut, words));
  }
}

/**
 * Show a wallet in which what the person has unfolded stays so.
 *
 * @param {HTMLElement} panel
 * @param {HTMLElement} view
 */
function showAnew(panel, view) {
  const isOpen = (/** @type {HTMLElement} */ { dataset }) =>
    panel.querySelector(`details[open][data-fold="${dataset['fold']}"]`) !== null;
  for (const fold of view.querySelectorAll('details')) fold.open = isOpen(fold);
  show(panel, view);
}

/**
 * @param {HTMLElement} panel
 * @param {boolean} isSignedOut
 * @param {string} words
 */
function troubleView(panel, isSignedOut, words) {
  const again = async () => {
    if (isSignedOut) await ask('sign-in', null);
    await showWallet(panel);
  };
  const title = say(isSignedOut ? 'walletSignedOutTitle' : 'walletTroubleTitle');
  const next = button(say(isSignedOut ? 'signIn' : 'tryAgain'), isSignedOut ? 'wide' : 'quiet', again);
  return notice('wallet-trouble', title, words, next);
}

/**
 * @param {HTMLElement} panel
 * @param {WalletOut} wallet
 * @param {string} server
 */
function walletView(panel, wallet, server) {
  const shares = wallet.shares.filter(({ withdrawn }) => !withdrawn);
  return element(
    'div',
    { class: 'stack', 'data-view': 'wallet' },
    element('h1', { class: 'hidden' }, say('tabWallet')),
    ...(wallet.places.length
      ? wallet.places.map(placeCard)
      : [element('p', { class: 'notice' }, say('walletEmpty'))]),
    button(say('openWallet'), 'wide quiet', () => chrome.tabs.create({ url: `${server}/wallet` })),
    element('h2', {}, say('sharesTitle')),
    shares.length
      ? element('ul', { class: 'shares' }, ...shares.map((line) => shareLine(panel, line)))
      : element('p', { class: 'soft' }, say('sharesNone')),
  );
}

/** @param {PlaceOut} place */
function placeCard(place) {
  const amount = (/** @type {number} */ minor) => money(minor, place.currency, say('localeCode'));
  return element(
    'article',
    { class: 'card stack', 'data-offer': place.offer_id },
    element('p', { class: 'eyebrow' }, place.brand),
    element('h2', {}, place.offer_title),
    element(
      'dl',
      { class: 'amounts' },
      figure(say('payable'), amount(place.payable_minor), 'payable'),
      figure(say('pending'), amount(place.pending_minor), 'pending'),
    ),
    ...(place.pending.length ? [pendingList(place.pending, amount)] : []),
    element(
      'details',
      { 'data-fold': `why-${place.offer_id}` },
      element('summary', {}, say('why')),
      element('p', {}, place.why.sentence),
      element('p', { class: 'small soft worked' }, place.why.worked),
    ),
    ...place.codes.map((code) => codeTicket(code, amount)),
    ...contentList(place.content),
  );
}

/**
 * @param {string} words
 * @param {string} amount
 * @param {string} name
 */
function figure(words, amount, name) {
  return element(
    'div',
    { class: name },
    element('dt', {}, words),
    element('dd', { 'data-amount': name }, amount),
  );
}

/**
 * @param {PendingOut[]} pending
 * @param {(minor: number) => string} amount
 */
function pendingList(pending, amount) {
  const lines = pending.map(({ credited_minor, vests_at, cause }) =>
    element(
      'li',
      {},
      say('pendingLine', amount(credited_minor), date(vests_at)),
      element('p', { class: 'soft' }, cause),
    ),
  );
  return element('ul', { class: 'small plain stack', 'aria-label': say('pending') }, ...lines);
}

/**
 * @param {CodeOut} code
 * @param {(minor: number) => string} amount
 */
function codeTicket({ code, value_minor, rate_basis_points, state, expires_at }, amount) {
  const isOpen = state === 'issued';
  const key = CODE_STATES.get(state);
  const gives = rate_basis_points
    ? say('codeShare', percent(rate_basis_points, say('localeCode')), amount(value_minor))
    : amount(value_minor);
  const about = isOpen ? say('codeUntil', date(expires_at)) : key ? say(key) : state;
  return element(
    'div',
    { class: isOpen ? 'ticket' : 'ticket spent', 'data-code': code },
    element('p', { class: 'code' }, code),
    element('p', { class: 'small' }, `${gives}\u00a0· ${about}`),
    ...(isOpen
      ? [copyButton(say('copyCode'), 'small quiet', code), codePicture(code)]
      : []),
  );
}

/**
 * Return a fold that shows a code for a till to read; it is drawn when somebody opens it.
 *
 * @param {string} code
 */
function codePicture(code) {
  const named = { 'data-fold': `code-${code}` };
  const fold = element('details', named, element('summary', {}, say('showCodeQr')));
  fold.addEventListener('toggle', async () => {
    if (!fold.open || fold.childElementCount > 1) return;
    fold.append(await qrPicture(() => ask('code.qr', { code }), say('codeQrAlt', code)));
  });
  return fold;
}

/**
 * @param {HTMLElement} panel
 * @param {ShareLineOut} line
 */
function shareLine(panel, line) {
  const counts = say('shareCounts', line.visits, line.orders, date(line.created_at));
  const title = `share-${line.code}`;
  const buttons = [
    ...(line.channel === 'qr' ? [handOverButton(panel, line, () => showWallet(panel))] : []),
    copyButton(say('copyLink'), 'small quiet', line.link),
    takeBackButton(panel, line),
  ];
  for (const made of buttons) made.setAttribute('aria-describedby', title);
  return element(
    'li',
    { 'data-share': line.code },
    element('p', { id: title }, element('strong', {}, line.offer_title)),
    element('p', { class: 'small soft' }, counts),
    element('div', { class: 'row' }, ...buttons),
  );
}

/**
 * Return a button that asks once more before it acts.
 *
 * @param {HTMLElement} panel
 * @param {ShareLineOut} line
 */
function takeBackButton(panel, line) {
  let isSure = false;
  return button(say('takeBack'), 'small danger', async (made) => {
    if (!isSure) {
      isSure = true;
      made.textContent = say('takeBackSure');
      announce(say('takeBackSure'));
      return;
    }
    const title = say('takeBackOf', line.offer_title);
    const id = shownHere.newId();
    const { state } = await ask('share.withdraw', { id, title, code: line.code });
    if (state === 'acknowledged') await ask('queue.dismiss', { ids: [id] });
    else shownHere.forget(id);
    announce(say(state === 'acknowledged' ? 'takenBack' : 'takeBackWaiting'));
    await showWallet(panel);
  });
}
