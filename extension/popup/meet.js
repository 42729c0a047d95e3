/**
 * Sharing in person: a code that this device signs, for one friend, and for a quarter of an hour.
 *
 * It is made and drawn without a connection.  With one, it can be said as well, and the view finds
 * out when somebody took it.
 *
 * @import {InPersonCode, Trouble} from '../lib/types.js'
 */

import { announce, button, copyButton, element, show } from '../lib/dom.js';
import { ask } from '../lib/messages.js';
import { Problem, passes } from '../lib/problem.js';
import { clockOf, secondsLeft, spelled, turnOf, typedAt } from '../lib/shown_code.js';
import { say, sayTrouble } from '../lib/words.js';
import { drawn } from './picture.js';
import { qrPicture } from './qr.js';

const WIDTH = 348;
const LOOK_EVERY_SECONDS = 5;

/**
 * Return the view of a share for giving it to somebody who stands there.
 *
 * @param {string} code  Of the share.
 * @param {...Node} ordinary  What the ordinary link has, besides its picture.
 */
export function inPersonView(code, ...ordinary) {
  return element(
    'div',
    { class: 'stack', 'data-view': 'share-result' },
    element('h1', {}, say('meetTitle')),
    oneTimeCode(code),
    ordinaryLink(code, ordinary),
  );
}

/**
 * Return a button that shows a code for one of the person's links, with or without a connection.
 *
 * @param {HTMLElement} panel
 * @param {{ code: string, link: string }} share  Whose channel is `qr`.
 * @param {() => Promise<void>} back
 */
export function handOverButton(panel, { code, link }, back) {
  return button(say('codeForFriend'), 'small', () => {
    const box = element('p', { class: 'link-box' }, link);
    const view = inPersonView(code, box, copyButton(say('copyLink'), 'small quiet', link));
    view.append(button(say('backToWallet'), 'small quiet', back));
    show(panel, view);
  });
}

/**
 * Tell whether a code is shown here: what comes later must not take its place.
 *
 * @param {HTMLElement} panel
 */
export function isHandingOver(panel) {
  return panel.querySelector('[data-meet]') !== null;
}

/** @param {string} code */
function oneTimeCode(code) {
  const body = element('div', { class: 'stack' });
  let number = 0;
  const begin = async () => {
    number += 1;
    const mine = number;
    const made = await ask('in-person.make', { code }).catch(troubleIn);
    if (mine !== number) return;
    if ('trouble' in made) return put(body, renew, 'trouble', ...noCode(made.trouble));
    live(body, renew, made, () => mine === number && body.isConnected);
  };
  const renew = button(say('meetNew'), 'quiet', begin);
  renew.id = 'meet-new';
  put(body, renew, 'making', element('p', { class: 'soft' }, say('meetMaking')));
  begin();
  const how = element('p', { class: 'small soft' }, say('meetHow'));
  return element('div', { class: 'stack' }, body, how, renew);
}

/**
 * Show a code for as long as it lives, or until somebody takes it.
 *
 * @param {HTMLElement} body
 * @param {HTMLButtonElement} renew
 * @param {InPersonCode} made
 * @param {() => boolean} isShown  Until something else is.
 */
function live(body, renew, made, isShown) {
  const clock = element('p', { class: 'life', role: 'timer' });
  const spoken = element('div', { class: 'spoken', 'data-spoken': 'asking' });
  put(body, renew, 'shown', picture(made), clock, spoken);
  announce(say('meetReady'));

  let left = Infinity;
  const timer = setInterval(() => tick(), 1000);
  const end = (/** @type {string} */ state, /** @type {Node[]} */ ...words) => {
    clearInterval(timer);
    put(body, renew, state, ...words);
  };
  const look = async () => {
    const heard = spoken.dataset['spoken'] === 'heard' || (await hear(made, spoken));
    if (heard !== true && isShown()) return end('refused', ...refusedWords(heard));
    const { meetings } = await ask('in-person.waiting', null).catch(() => ({ meetings: [] }));
    if (!isShown() || !meetings.some(({ nonce }) => nonce === made.nonce)) return;
    end('taken', ...words(say('meetTaken'), say('meetTakenText')));
    announce(say('meetAsk'));
    scrollTo({ top: 0 });
  };
  const tick = () => {
    if (!isShown()) return clearInterval(timer);
    const now = secondsLeft(made.expires_ms, Date.now());
    const turn = turnOf(left, now);
    left = now;
    clock.textContent = say('meetLeft', clockOf(left));
    if (turn) announce(say(turn === 'soon' ? 'meetSoon' : 'meetOver'));
    if (turn === 'over') end('over', ...words(say('meetOver'), say('meetOverText')));
    else if (left % LOOK_EVERY_SECONDS === 0) look();
  };
  tick();
  look();
}

/**
 * Let the server hear of a code, and show how it is said.
 *
 * @param {InPersonCode} made
 * @param {HTMLElement} place
 * @returns {Promise<true | Trouble>}  Why the code would not be taken, if it would not.
 */
async function hear({ address, token }, place) {
  const heard = await ask('in-person.announce', { token }).catch(troubleIn);
  if ('trouble' in heard && !passes(heard.trouble)) return heard.trouble;
  if (place.dataset['spoken'] === 'heard') return true;
  place.dataset['spoken'] = 'trouble' in heard ? 'unheard' : 'heard';
  place.replaceChildren(
    ...('trouble' in heard
      ? [element('p', { class: 'small soft' }, say('meetUnsaid'))]
      : spokenNodes(heard.spoken, address)),
  );
  return true;
}

/**
 * @param {string} spoken
 * @param {string} address
 */
function spokenNodes(spoken, address) {
  const { groups, aloud, hasDoubles } = spelled(spoken);
  const shown = element('span', { 'aria-hidden': 'true' });
  shown.append(...groups.map((group) => element('span', {}, group)));
  return [
    element('p', { class: 'small' }, say('meetSay', typedAt(address))),
    element('p', { class: 'code' }, shown, element('span', { class: 'hidden' }, aloud)),
    ...(hasDoubles ? [element('p', { class: 'small soft' }, say('meetDoubles'))] : []),
  ];
}

/** @param {InPersonCode} made */
function picture({ picture: { size, path } }) {
  const side = String(size * Math.max(1, Math.floor(WIDTH / size))); // whole pixels read best
  const svg = drawn('svg', {
    class: 'one-time',
    viewBox: `0 0 ${size} ${size}`,
    width: side,
    height: side,
    role: 'img',
    'aria-label': say('meetQrAlt'),
    'shape-rendering': 'crispEdges',
  });
  svg.append(drawn('path', { d: path }));
  return svg;
}

/**
 * Return the ordinary link, folded; its picture is drawn when somebody opens it.
 *
 * @param {string} code
 * @param {Node[]} nodes
 */
function ordinaryLink(code, nodes) {
  const place = element('div', { class: 'stack' });
  const fold = element(
    'details',
    { id: 'ordinary' },
    element('summary', {}, say('meetOrdinary')),
    element('div', { class: 'stack' },
      element('p', { class: 'small soft' }, say('meetOrdinaryText')), place, ...nodes),
  );
  fold.addEventListener('toggle', async () => {
    if (!fold.open || place.childElementCount) return;
    place.replaceChildren(await qrPicture(() => ask('share.qr', { code }), say('qrAlt')));
  });
  return fold;
}

/**
 * @param {HTMLElement} body
 * @param {HTMLButtonElement} renew  Stays, and with it the focus.
 * @param {string} state
 * @param {...Node} nodes
 */
function put(body, renew, state, ...nodes) {
  body.dataset['meet'] = state;
  body.replaceChildren(...nodes);
  renew.hidden = state === 'making';
  renew.textContent = say(
    state === 'trouble' ? 'tryAgain' : state === 'shown' || state === 'taken' ? 'meetNew' : 'meetRenew',
  );
  renew.classList.toggle('quiet', state === 'shown' || state === 'trouble');
}

/**
 * @param {string} title
 * @param {string} text
 */
function words(title, text) {
  return [element('h2', {}, title), element('p', {}, text)];
}

/**
 * Say why there is no code.
 *
 * @param {Trouble} trouble
 */
function noCode(trouble) {
  const isAway = passes(trouble) && trouble.status !== 401;
  announce(say('meetNone'));
  return words(say('meetNone'), isAway ? say('meetFirst') : sayTrouble(trouble));
}

/** @param {Trouble} trouble */
function refusedWords(trouble) {
  announce(say('meetRefused'));
  const isEnded = trouble.key === 'revoked_key';
  return words(say('meetRefused'), isEnded ? say('meetEnded') : sayTrouble(trouble));
}

/**
 * @param {unknown} error
 * @returns {{ trouble: Trouble }}
 */
function troubleIn(error) {
  if (!(error instanceof Problem)) throw error;
  return { trouble: error.trouble };
}
