/**
 * Copy buttons.  They are hidden in the page and appear only where copying works; the text stands
 * beside each of them, so that nothing is lost without this file.
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
        button.textContent = 'Copied';
      } catch {
        button.textContent = 'Please copy it by hand';
      }
      setTimeout(() => (button.textContent = words), SHOWN_MS);
    });
  }
}
