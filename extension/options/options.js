/** The options: who is signed in, which server, and what is stored on this device. */

import { count as countKeys } from '../lib/device_key.js';
import { announce, byId, element, onPress } from '../lib/dom.js';
import { ask } from '../lib/messages.js';
import { serverOrigin } from '../lib/server.js';
import { local, onQueueChange, readQueue, session } from '../lib/storage.js';
import { say, translate } from '../lib/words.js';

const field = /** @type {HTMLInputElement} */ (byId('server'));
const save = /** @type {HTMLButtonElement} */ (byId('server-save'));
const signOut = /** @type {HTMLButtonElement} */ (byId('sign-out'));
const signIn = /** @type {HTMLButtonElement} */ (byId('sign-in'));

/** Show everything as it is now. */
async function showAll() {
  const standing = await ask('standing.get', null);
  const isSignedIn = standing.session !== null;
  byId('account').textContent = say(
    isSignedIn ? 'accountSignedIn' : 'accountSignedOut',
    standing.server,
  );
  signOut.hidden = !isSignedIn;
  signIn.hidden = isSignedIn;
  if (document.activeElement !== field) field.value = standing.server;
  field.disabled = save.disabled = isSignedIn;
  await showStored(isSignedIn);
}

/** @param {boolean} isSignedIn */
async function showStored(isSignedIn) {
  const waiting = (await readQueue()).filter(({ state }) => state === 'waiting').length;
  byId('account-waiting').hidden = waiting === 0;
  byId('account-waiting').textContent = say('accountWaiting', waiting);

  const yesOrNo = (/** @type {boolean} */ value) => say(value ? 'yes' : 'no');
  const kept = await local.these(['offers', 'wallet', 'meetings', 'channel', 'mastodon']);
  const lines = [
    [say('storedKeys'), yesOrNo(isSignedIn)],
    [say('storedOffers'), String(kept.offers?.count ?? 0)],
    [say('storedWallet'), yesOrNo(kept.wallet !== undefined)],
    [say('storedChannel'), kept.channel ?? say('none')],
    [say('storedMastodon'), kept.mastodon ?? say('none')],
    [say('storedQueue'), String(waiting)],
    [say('storedMeetings'), String(kept.meetings?.meetings.length ?? 0)],
    [say('storedDeviceKeys'), String(await countKeys())],
    [say('storedStandDown'), ((await session.read('stood_down')) ?? []).join(', ') || say('none')],
    [say('storedVisits'), String(((await session.read('settled_visits')) ?? []).length)],
  ];
  byId('stored').replaceChildren(
    ...lines.map(([name = '', value = '']) =>
      element('div', {}, element('dt', {}, name), element('dd', {}, value)),
    ),
  );
}

onPress(signOut, async () => {
  await ask('sign-out', null);
  await showAll();
  announce(say('signedOutDone'));
});

onPress(signIn, async () => {
  announce(say('signingIn'));
  await ask('sign-in', null);
  await showAll();
});

byId('server-form').addEventListener('submit', async (event) => {
  event.preventDefault();
  const server = serverOrigin(field.value);
  byId('server-trouble').hidden = server !== null;
  field.setAttribute('aria-invalid', String(server === null));
  if (server === null) return;
  await ask('server.set', { server });
  field.value = server;
  announce(say('serverSaved', server));
  await showAll();
});

onQueueChange(showAll);
addEventListener('focus', showAll);

translate();
await showAll();
