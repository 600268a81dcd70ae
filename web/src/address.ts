// Which view is shown: the part of the address behind "#", so that every view can be linked to and Back works without
// asking the server. A hash that is no address ("#text") is a place within the view and changes nothing.
import { useEffect, useState } from 'preact/hooks';

export const VIEWS = ['judge', 'batch', 'history', 'model', 'api'] as const;
export type View = (typeof VIEWS)[number];

export type Address = { readonly view: View } | { readonly view: 'receipt'; readonly id: string };

/** `#/batch`, `#/receipt/0mjv…`; whatever is unknown is the first view, and null is no address at all. */
export function parseAddress(hash: string): Address | null {
  if (hash === '' || hash === '#') return { view: 'judge' };
  const [, name = '', id = ''] = /^#\/(\w*)(?:\/([\w-]+))?\/?$/.exec(hash) ?? [];
  if (!hash.startsWith('#/')) return null;
  if (name === 'receipt' && id !== '') return { view: 'receipt', id };
  return { view: VIEWS.find((view) => view === name) ?? 'judge' };
}

export function formatAddress(address: Address): string {
  return address.view === 'receipt' ? `#/receipt/${address.id}` : `#/${address.view}`;
}

/** The address now, and again whenever it changes. */
export function useAddress(): Address {
  const [address, setAddress] = useState<Address>(() => parseAddress(location.hash) ?? { view: 'judge' });
  useEffect(() => {
    const follow = (): void =>
      setAddress((before) => {
        const next = parseAddress(location.hash);
        return next === null || formatAddress(next) === formatAddress(before) ? before : next;
      });
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  return address;
}

/** A full link to an address, to hand on. */
export function linkTo(address: Address): string {
  return `${location.origin}${location.pathname}${formatAddress(address)}`;
}
