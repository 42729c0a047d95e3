/**
 * Copy buttons.  They are hidden in the page and appear only where copying works; the text stands
 * beside each of them, so that nothing is lost without this file.  What they say comes with the page,
 * in its language.
 */

const SHOWN_MS = 2000;

if (navigator.clipboard) {
  for (const button of document.querySelectorAll('button[data-copy]')) {
    button.hidden = false;
    button.setAttribute('aria-live', 'polite');
    const words = button.textContent;
    button.addEventListener('click', async () => {
      try {
        await navigator.clipboard.writeText(button.dataset.copy);
        button.textContent = button.dataset.copied;
      } catch {
        button.textContent = button.dataset.byHand;
      }
      setTimeout(() => (button.textContent = words), SHOWN_MS);
    });
  }
}
