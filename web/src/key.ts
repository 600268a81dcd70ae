// The API key, where the server asks for one: for this tab only, and gone with it.
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
    // storage is switched off: then it lasts until the page is loaded again
  }
}

function readStored(): string | undefined {
  try {
    return sessionStorage.getItem(NAME) ?? undefined;
  } catch {
    return undefined;
  }
}
