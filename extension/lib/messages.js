/**
 * What the parts of the extension say to each other, and the way they say it.
 *
 * @import {AskedOffers, ClaimAsk, ClaimEvent, InPersonCode, MeetingsOut} from './types.js'
 * @import {ShareAsk, ShareEvent, SpokenOut, Standing, Trouble} from './types.js'
 * @import {WalletOut, WithdrawalEvent} from './types.js'
 *
 * @typedef {{
 *   'standing.get': { ask: null, answer: Standing },
 *   'sign-in': { ask: null, answer: null },
 *   'sign-out': { ask: null, answer: null },
 *   'server.set': { ask: { server: string }, answer: null },
 *   'offers.refresh': { ask: null, answer: AskedOffers },
 *   'share.make': { ask: { id: string, title: string, body: ShareAsk }, answer: ShareEvent },
 *   'share.withdraw': {
 *     ask: { id: string, title: string, code: string }, answer: WithdrawalEvent,
 *   },
 *   'share.qr': { ask: { code: string }, answer: string },
 *   'claim.make': { ask: { id: string, title: string, body: ClaimAsk }, answer: ClaimEvent },
 *   'in-person.make': { ask: { code: string }, answer: InPersonCode },
 *   'in-person.announce': { ask: { token: string }, answer: SpokenOut },
 *   'in-person.waiting': { ask: null, answer: MeetingsOut },
 *   'in-person.decide': { ask: { id: string, isConfirmed: boolean }, answer: null },
 *   'wallet.get': { ask: null, answer: WalletOut },
 *   'wallet.recent': { ask: null, answer: WalletOut },
 *   'code.qr': { ask: { code: string }, answer: string },
 *   'queue.hurry': { ask: null, answer: null },
 *   'queue.dismiss': { ask: { ids: string[] }, answer: null },
 * }} Messages
 *   Every message by its name: what is asked, and what is answered.
 *
 * @typedef {{
 *   [Name in keyof Messages]: (ask: Messages[Name]['ask']) => Promise<Messages[Name]['answer']>
 * }} Handlers
 */

import { Problem } from './problem.js';

/**
 * Ask the background.  The browser may stop it before it answers; then it is asked once more,
 * because everything but a sign-in can be asked again: events have an id of their own.
 *
 * @template {keyof Messages} Name
 * @param {Name} name
 * @param {Messages[Name]['ask']} ask
 * @returns {Promise<Messages[Name]['answer']>}
 * @throws {Problem}
 */
export async function ask(name, ask) {
  /** @type {{ answer: Messages[Name]['answer'] } | { trouble: Trouble } | undefined} */
  const reply = await chrome.runtime.sendMessage({ name, ask }).catch(() => {
    if (name === 'sign-in') throw new Problem({ slug: 'no-answer' });
    return chrome.runtime.sendMessage({ name, ask });
  });
  if (!reply) throw new Problem({ slug: 'no-answer' });
  if ('trouble' in reply) throw new Problem(reply.trouble);
  return reply.answer;
}

/**
 * Answer messages of our own pages; one handler for every name.
 *
 * @param {Handlers} handlers
 */
export function answerWith(handlers) {
  chrome.runtime.onMessage.addListener((message, sender, respond) => {
    if (sender.id !== chrome.runtime.id || !Object.hasOwn(handlers, message.name)) return false;
    const handler = /** @type {(ask: any) => Promise<unknown>} */ (
      handlers[/** @type {keyof Messages} */ (message.name)]
    );
    handler(message.ask).then(
      (answer) => respond({ answer }),
      (error) => respond({ trouble: troubleOf(error) }),
    );
    return true; // the answer comes later
  });
}

/**
 * @param {unknown} error
 * @returns {Trouble}
 */
function troubleOf(error) {
  if (error instanceof Problem) return error.trouble;
  console.error(error);
  return new Problem({ slug: 'bug' }).trouble;
}
