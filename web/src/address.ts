// The part of the address behind "#" chooses the view, so that every view has a link and the Back button works without a
// request. A hash without "/" ("#text") is an anchor within the view and does not change it.
import { useEffect, useState } from 'preact/hooks';

export const VIEWS = ['check', 'batch', 'history', 'model', 'api'] as const;
export type View = (typeof VIEWS)[number];

export type Address =
  | { readonly view: View }
  | { readonly view: 'receipt'; readonly id: string }
  /** The studio has places of its own: what stands behind "#/studio/". */
  | { readonly view: 'studio'; readonly path: string };

/** Parses `#/batch` or `#/receipt/0mjv…`; an unknown view gives the first view, an anchor gives null. */
export function parseAddress(hash: string): Address | null {
  if (hash === '' || hash === '#') return { view: 'check' };
  const [, path] = /^#\/studio(?:\/(.*))?$/.exec(hash) ?? [null, null];
  if (path !== null) return { view: 'studio', path: path ?? '' };
  const [, name = '', id = ''] = /^#\/(\w*)(?:\/([\w-]+))?\/?$/.exec(hash) ?? [];
  if (!hash.startsWith('#/')) return null;
  if (name === 'receipt' && id !== '') return { view: 'receipt', id };
  return { view: VIEWS.find((view) => view === name) ?? 'check' };
}

export function formatAddress(address: Address): string {
  if (address.view === 'studio') return `#/studio/${address.path}`;
  return address.view === 'receipt' ? `#/receipt/${address.id}` : `#/${address.view}`;
}

/** Returns the current address and renders again when it changes. */
export function useAddress(): Address {
  const [address, setAddress] = useState<Address>(() => parseAddress(location.hash) ?? { view: 'check' });
  useEffect(() => {
    const follow = (): void =>
      setAddress((before) => {
        const next = parseAddress(location.hash);
        return next === null || formatAddress(next) === formatAddress(before) ? before : next;
      });
    addEventListener('hashchange', follow);
    follow(); // the address may have changed since the first drawing, when nothing listened yet
    return () => removeEventListener('hashchange', follow);
  }, []);
  return address;
}

/** A full link to an address, for sharing. */
export function linkTo(address: Address): string {
  return `${location.origin}${location.pathname}${formatAddress(address)}`;
}
