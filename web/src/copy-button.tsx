// A button that copies a text. Browsers allow the clipboard API only on secure addresses (https, or this machine); on
// others the button uses execCommand.
import { useEffect, useState } from 'preact/hooks';
import { strings } from './strings.ts';

const SAID_MS = 2500;

export function CopyButton({ text, label }: { readonly text: string; readonly label: string }) {
  const [said, setSaid] = useState('');
  useEffect(() => {
    if (said === '') return;
    const timer = setTimeout(() => setSaid(''), SAID_MS);
    return () => clearTimeout(timer);
  }, [said]);
  return (
    <>
      <button
        type="button"
        class="small"
        onClick={() => void copy(text).then((done) => setSaid(done ? strings.copied : strings.notCopied))}
      >
        {said === '' ? label : said}
      </button>
      <span class="spoken" aria-live="polite">
        {said}
      </span>
    </>
  );
}

async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyFromField(text);
  }
}

function copyFromField(text: string): boolean {
  const field = document.createElement('textarea');
  const before = document.activeElement;
  field.value = text;
  field.className = 'spoken';
  document.body.append(field);
  field.select();
  const done = document.execCommand('copy');
  field.remove();
  if (before instanceof HTMLElement) before.focus();
  return done;
}
