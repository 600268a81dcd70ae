// Where one is in the studio: the part of the address behind "#/studio/". The path names a section and perhaps one thing in
// it; the query holds what is chosen there, so that every state of a view has a link.
import { useCallback } from 'preact/hooks';
import { parseAddress } from '../address.ts';

export const SECTIONS = ['runs', 'sweeps', 'lineage', 'registry'] as const;
export type Section = (typeof SECTIONS)[number];

export interface Place {
  readonly section: Section;
  /** The run, the sweep, the model or the thing whose lineage is shown; undefined: the list. */
  readonly id?: string | undefined;
  readonly query: Readonly<Record<string, string>>;
}

/** Parses `runs/abc?x=epoch`; an unknown section gives the runs. */
export function parsePlace(path: string): Place {
  const [names = '', query = ''] = path.split('?', 2);
  const [name = '', ...rest] = names.split('/').filter((part) => part !== '');
  const section = SECTIONS.find((known) => known === name) ?? 'runs';
  const id = rest.map(decode).join('/');
  return {
    section,
    ...(section !== name || id === '' ? {} : { id }),
    query: Object.fromEntries(new URLSearchParams(query)),
  };
}

export function formatPlace({ section, id, query }: Place): string {
  const kept = Object.entries(query).filter(([, value]) => value !== '');
  const text = kept.map(([name, value]) => `${encodeURIComponent(name)}=${encodeQuery(value)}`).join('&');
  return `${section}${id === undefined ? '' : `/${encodeURIComponent(id)}`}${text === '' ? '' : `?${text}`}`;
}

/** The link to a place. */
export function linkToPlace(section: Section, id?: string, query: Place['query'] = {}): string {
  return `#/studio/${formatPlace({ section, id, query })}`;
}

/** Shows another place; `replace` leaves no step in the browser's history. */
export function goTo(place: Place, replace = false): void {
  const hash = `#/studio/${formatPlace(place)}`;
  if (hash === location.hash) return;
  if (!replace) {
    location.hash = hash;
    return;
  }
  history.replaceState(null, '', hash);
  dispatchEvent(new HashChangeEvent('hashchange'));
}

/**
 * The address once a view has changed its query: what the address says now, not what it said when the view was drawn.
 * Null if it shows another place by now, such as after a click while the change waited: that place stays.
 */
export function changeQuery(
  hash: string,
  own: Pick<Place, 'section' | 'id'>,
  changes: Readonly<Record<string, string>>,
): Place | null {
  const address = parseAddress(hash);
  if (address?.view !== 'studio') return null;
  const present = parsePlace(address.path);
  if (present.section !== own.section || present.id !== own.id) return null;
  return { ...present, query: { ...present.query, ...changes } };
}

/** A function that changes values of the query, which is kept in the address. */
export function useQuery({ section, id }: Place): (changes: Readonly<Record<string, string>>) => void {
  return useCallback(
    (changes) => {
      const next = changeQuery(location.hash, { section, id }, changes);
      if (next !== null) goTo(next, true);
    },
    [section, id],
  );
}

/** A list in the query: `a,b`. */
export function splitList(value: string | undefined): readonly string[] {
  return value === undefined || value === '' ? [] : value.split(',');
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** Commas, colons and comparison signs stay readable. */
function encodeQuery(value: string): string {
  return encodeURIComponent(value).replace(/%2C/g, ',').replace(/%3A/g, ':').replace(/%3D/g, '=');
}
