// Which methods the server has at a path: for 405 and for OPTIONS. It knows every route, also those of the page and of /docs.
import type { FastifyInstance } from 'fastify';

interface RoutePattern {
  readonly method: string;
  readonly parts: readonly string[];
}

export class RouteTable {
  readonly #routes: RoutePattern[] = [];

  /** Collects the routes that `app` gets from now on. */
  constructor(app: FastifyInstance) {
    app.addHook('onRoute', ({ method, url }) => {
      for (const one of [method].flat()) this.#routes.push({ method: one, parts: splitPath(url) });
    });
  }

  /**
   * The methods at a path, without OPTIONS; empty where there is no route. A path that a pattern names by its own words has only
   * that pattern's methods: /v1/runs/events is not /v1/runs/:id with another id.
   */
  listMethods(url: string): string[] {
    const parts = splitPath(decode(url.split('?')[0]!));
    const matching = this.#routes
      .filter((route) => route.method !== 'OPTIONS' && isMatch(route.parts, parts))
      .map((route) => ({ method: route.method, rank: rankPattern(route.parts) }));
    const best = matching.map(({ rank }) => rank).sort()[0];
    return [...new Set(matching.filter(({ rank }) => rank === best).map(({ method }) => method))].sort();
  }
}

/** The header allow for the methods of a path. */
export function formatAllow(methods: readonly string[]): string {
  return [...methods, 'OPTIONS'].join(', ');
}

function isMatch(pattern: readonly string[], parts: readonly string[]): boolean {
  const star = pattern.indexOf('*');
  const fixed = star === -1 ? pattern : pattern.slice(0, star);
  const isLong = star === -1 ? parts.length === fixed.length : parts.length > fixed.length;
  return isLong && fixed.every((part, i) => (part.startsWith(':') ? parts[i] !== '' : part === parts[i]));
}

/** Sorts patterns of one path as the router does: part by part, words before parameters before the rest of a path. */
function rankPattern(parts: readonly string[]): string {
  return parts.map((part) => (part === '*' ? '2' : part.startsWith(':') ? '1' : '0')).join('');
}

/** One slash at the end makes no difference. */
function splitPath(path: string): string[] {
  return path.replace(/(?<=.)\/$/, '').split('/');
}

function decode(path: string): string {
  try {
    return decodeURI(path);
  } catch {
    return path;
  }
}
