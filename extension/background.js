/**
 * The service worker.  It only wires: every listener is set here, at the top level, because the
 * browser may stop this file at any moment and start it again for the next event.
 *
 * @import {ClaimEvent, ShareEvent, WithdrawalEvent} from './lib/types.js'
 */

import * as api from './lib/api.js';
import * as auth from './lib/auth.js';
import * as delivery from './lib/delivery.js';
import * as inPerson from './lib/in_person.js';
import { answerWith } from './lib/messages.js';
import * as offers from './lib/offers.js';
import * as wallet from './lib/wallet.js';

answerWith({
  'standing.get': async () => ({
    server: await auth.server(),
    session: await auth.currentSession(),
  }),
  'sign-in': async () => {
    await auth.signIn();
    await Promise.all([delivery.deliver(), inPerson.register()]);
    return null;
  },
  'sign-out': async () => {
    await auth.signOut();
    await delivery.deliver();
    return null;
  },
  'server.set': async ({ server }) => {
    await auth.chooseServer(server);
    return null;
  },
  'offers.refresh': () => offers.refresh(),
  'share.make': async (asked) =>
    /** @type {ShareEvent} */ (await send({ kind: 'share', ...asked })),
  'share.withdraw': async ({ code, ...asked }) =>
    /** @type {WithdrawalEvent} */ (
      await send({ kind: 'withdrawal', body: { code }, ...asked })
    ),
  'share.qr': ({ code }) => auth.withAccess((access) => api.qr(access, code)),
  'claim.make': async (asked) =>
    /** @type {ClaimEvent} */ (await send({ kind: 'claim', ...asked })),
  'wallet.get': () => wallet.fresh(),
  'wallet.recent': () => wallet.recent(),
  'code.qr': ({ code }) => auth.withAccess((access) => api.codeQr(access, code)),
  'in-person.make': ({ code }) => inPerson.make(code),
  'in-person.announce': ({ token }) => inPerson.announce(token),
  'in-person.waiting': () => inPerson.waiting(),
  'in-person.decide': async ({ id, isConfirmed }) => {
    await inPerson.decide(id, isConfirmed);
    return null;
  },
  'queue.hurry': async () => {
    await delivery.deliverNow();
    return null;
  },
  'queue.dismiss': async ({ ids }) => {
    await delivery.dismiss(ids);
    return null;
  },
});

chrome.runtime.onInstalled.addListener(({ reason }) => {
  if (reason === 'install') chrome.tabs.create({ url: 'welcome/welcome.html' });
});

chrome.runtime.onStartup.addListener(() => delivery.deliver());

chrome.alarms.onAlarm.addListener(({ name }) => {
  if (name === delivery.ALARM) delivery.deliver();
});

/**
 * Send what the person did; the wallet that is kept no longer says how they stand.
 *
 * @param {Parameters<typeof delivery.enqueue>[0]} asked
 */
async function send(asked) {
  const event = await delivery.enqueue(asked);
  await wallet.outdate();
  return event;
}
