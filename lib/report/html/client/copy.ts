import { byId } from './element.ts';

/** How long a button says that it has copied. */
const SAID_MS = 1_600;

/** Lets every button with `data-copy`, now or later, copy what it names. */
export function startCopying(): void {
  for (const button of document.querySelectorAll<HTMLElement>('button.copy')) button.hidden = false;
  document.addEventListener('click', (event) => {
    const button = event.target instanceof Element ? event.target.closest<HTMLButtonElement>('button.copy') : null;
    const text = button?.dataset['copy'];
    if (button && text !== undefined) void copy(button, text);
  });
}

async function copy(button: HTMLButtonElement, text: string): Promise<void> {
  const isCopied = await toClipboard(text, button);
  const label = button.firstChild;
  byId('said', HTMLElement).textContent = isCopied ? `Copied: ${text}` : 'The browser did not allow copying';
  if (!label) return;
  label.textContent = isCopied ? 'Copied' : 'Not copied';
  setTimeout(() => {
    label.textContent = 'Copy';
  }, SAID_MS);
}

async function toClipboard(text: string, near: HTMLElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // A page that was not loaded securely has no clipboard, but may copy a selection.
    const area = document.createElement('textarea');
    area.value = text;
    area.className = 'unseen';
    // Beside the button: what is outside an open dialog cannot be selected.
    near.after(area);
    area.select();
    const isCopied = document.execCommand('copy');
    area.remove();
    near.focus();
    return isCopied;
  }
}
