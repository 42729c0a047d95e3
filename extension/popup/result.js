/**
 * A share that the server has recorded: the text to go with the link, and the way to the network.
 *
 * What each network takes is the server's table.  Where it takes no text, what is to be pasted is
 * copied before its page opens; where nothing may be filled in (Meta), that is the link alone.
 *
 * @import {ChannelOut, ShareOut} from '../lib/types.js'
 */

import { announce, button, copyButton, element } from '../lib/dom.js';
import { serverOrigin } from '../lib/server.js';
import { local } from '../lib/storage.js';
import { dialogAddress, lengthOf, withDisclosure, withoutLink } from '../lib/texts.js';
import { say } from '../lib/words.js';
import { inPersonView } from './meet.js';

/** @type {ChannelOut} */
const COPY = {
  key: 'copy', title: '', dialog: '', text_limit: 0, link_length: 0, counts_wide: false,
};

/**
 * Return the view of a share.
 *
 * @param {ShareOut} made
 */
export async function resultView(made) {
  const { offers, mastodon = '' } = await local.these(['offers', 'mastodon']);
  const channel = offers?.common.channels.find(({ key }) => key === made.channel) ?? COPY;
  const text = textField(channel, made);
  const isCopy = !channel.dialog && channel.key !== 'sheet';
  const ordinary = [
    element('p', { class: 'link-box', id: 'link' }, made.link),
    ...(isCopy ? [copyButton(say('copyLink'), 'wide', made.link)] : []),
    ...text.nodes,
    ...(isCopy ? [] : wayOut(channel, made, text.read, mastodon)),
    element(
      'div',
      { class: 'row' },
      copyButton(say('copyText'), 'small quiet', () => `${text.read()} ${made.link}`),
      ...(isCopy ? [] : [copyButton(say('copyLink'), 'small quiet', made.link)]),
    ),
  ];
  if (made.channel === 'qr') return inPersonView(made.code, ...ordinary);
  const title = element('h1', {}, say('resultTitle'));
  return element('div', { class: 'stack', 'data-view': 'share-result' }, title, ...ordinary);
}

/**
 * Return the text to edit, which keeps the disclosure at its beginning, and what it counts.
 *
 * @param {ChannelOut} channel
 * @param {ShareOut} made
 */
function textField(channel, made) {
  const field = element('textarea', {
    id: 'share-text',
    class: 'input',
    rows: '3',
    'aria-describedby': 'text-hint text-count',
  });
  const hint = element('p', { id: 'text-hint', class: 'small soft' }, say('resultHint'));
  const count = element('p', { id: 'text-count', class: 'small soft' });
  const kept = element('p', { id: 'text-kept', class: 'note', role: 'status' });
  kept.hidden = true;
  field.value = withoutLink(made);

  const recount = () => {
    if (!channel.text_limit) return;
    const length = lengthOf(channel, field.value.trim(), made.link);
    const over = length - channel.text_limit;
    count.textContent =
      over > 0
        ? say('textTooLong', over, channel.title)
        : say('textCount', length, channel.text_limit);
    count.classList.toggle('over', over > 0);
  };
  field.addEventListener('input', () => {
    const text = withDisclosure(field.value, made.disclosure);
    const isPutBack = text !== field.value;
    if (isPutBack) {
      field.value = text;
      field.setSelectionRange(text.length, text.length);
    }
    kept.hidden = !isPutBack;
    kept.textContent = isPutBack ? say('disclosureKept', made.disclosure) : '';
    recount();
  });
  recount();
  const label = element('label', { for: 'share-text' }, say('resultTextTitle'));
  return {
    nodes: [element('div', { class: 'field' }, label, field, kept, hint, count)],
    read: () => field.value.trim(),
  };
}

/**
 * Return what leads to the network.
 *
 * @param {ChannelOut} channel
 * @param {ShareOut} made
 * @param {() => string} read  The text as it is now.
 * @param {string} mastodon
 * @returns {Node[]}
 */
function wayOut(channel, made, read, mastodon) {
  const { dialog, title, key } = channel;
  if (key === 'sheet') {
    const text = () => ({ text: `${read()} ${made.link}` });
    return [button(say('openSheet'), 'wide', () => navigator.share(text()).catch(() => undefined))];
  }
  const open = (/** @type {string} */ host) => {
    const address = dialogAddress(channel, { text: read(), link: made.link, host });
    if (address) chrome.tabs.create({ url: address });
  };
  if (dialog.includes('{host}')) return ownServer(title, mastodon, open);

  if (dialog.includes('{text}')) return [networkButton(say('openNetwork', title), () => open(''))];

  const takesLink = dialog.includes('{link}');
  const words = say(takesLink ? 'openPasteText' : 'openPasteLink', title);
  const hint = say(takesLink ? 'pasteTextHint' : 'pasteLinkHint', title);
  const copyAndOpen = async () => {
    await navigator.clipboard.writeText(takesLink ? read() : made.link);
    open('');
  };
  return [networkButton(words, copyAndOpen), element('p', { class: 'small soft' }, hint)];
}

/**
 * @param {string} words
 * @param {() => unknown} act
 */
function networkButton(words, act) {
  const go = button(words, 'wide', act);
  go.id = 'open-network';
  return go;
}

/**
 * Return a field for the network's server of the person, which is remembered, and the button.
 *
 * @param {string} title
 * @param {string} kept
 * @param {(host: string) => void} open
 * @returns {Node[]}
 */
function ownServer(title, kept, open) {
  const field = element('input', {
    id: 'own-server',
    class: 'input',
    inputmode: 'url',
    spellcheck: 'false',
    placeholder: 'mastodon.example',
    value: kept,
    'aria-describedby': 'own-server-hint own-server-wrong',
  });
  const wrong = element('p', { id: 'own-server-wrong', class: 'trouble', role: 'alert' });
  wrong.hidden = true;
  const go = networkButton(say('openNetwork', title), async () => {
    const origin = serverOrigin(field.value);
    wrong.hidden = origin !== null;
    wrong.textContent = origin ? '' : say('ownServerWrong');
    field.setAttribute('aria-invalid', String(origin === null));
    if (!origin) {
      announce(say('ownServerWrong'));
      return field.focus();
    }
    const { host } = new URL(origin);
    await local.write({ mastodon: host }).catch(() => undefined); // without room it is asked again
    open(host);
  });
  return [
    element(
      'div',
      { class: 'field' },
      element('label', { for: 'own-server' }, say('ownServer', title)),
      field,
      element('p', { id: 'own-server-hint', class: 'small soft' }, say('ownServerHint')),
      wrong,
    ),
    go,
  ];
}
