// Stores the API key for this tab only; closing the tab deletes it.
const NAME = 'veracity.key';
let key = readStored();

export function readKey(): string | undefined {
  return key;
}

export function storeKey(value: string): void {
  key = value;
  try {
    sessionStorage.setItem(NAME, value);
  } catch {
    // The storage is switched off: the key lasts until the page is reloaded.
  }
}

function readStored(): string | undefined {
  try {
    return sessionStorage.getItem(NAME) ?? undefined;
  } catch {
    return undefined;
  }
}
