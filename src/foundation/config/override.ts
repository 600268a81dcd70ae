// Types of a parsed command-line override. `a=1,2`, range(…), choice(…), interval(…) and glob(…) are sweeps: they are
// parsed, but only --multirun may run them.

/** A value as typed. Quoted strings are a kind of their own, because `'null'` is a string and `null` is not. */
export type OverrideValue =
  | {
      readonly kind: 'scalar';
      readonly value: string | number | boolean | null;
      /** True for a number written as a float: 1.0. */
      readonly isFloat?: boolean;
    }
  | { readonly kind: 'quoted'; readonly value: string; readonly quote: '"' | "'" }
  | { readonly kind: 'list'; readonly items: readonly OverrideValue[] }
  | { readonly kind: 'map'; readonly entries: readonly (readonly [string, OverrideValue])[] }
  | OverrideSweep;

export type OverrideSweep =
  | {
      readonly kind: 'choice';
      readonly items: readonly OverrideValue[];
      /** True for `a,b`, false for `choice(a,b)`. */
      readonly simple: boolean;
      readonly shuffle: boolean;
      readonly tags: readonly string[];
    }
  | {
      readonly kind: 'range';
      readonly start: number;
      readonly stop: number;
      readonly step: number;
      readonly shuffle: boolean;
      readonly tags: readonly string[];
    }
  | {
      readonly kind: 'interval';
      readonly start: number;
      readonly end: number;
      readonly tags: readonly string[];
    }
  | {
      readonly kind: 'glob';
      readonly include: readonly string[];
      readonly exclude: readonly string[];
      readonly tags: readonly string[];
    };

export interface Override {
  /** change `a=1`, add `+a=1`, set `++a=1` (Hydra: force-add), delete `~a`. */
  readonly action: 'change' | 'add' | 'set' | 'delete';
  /** Dot path of a value, or path of a group with slashes. */
  readonly key: string;
  /** What follows `@` in `group@package=choice`. */
  readonly package: string | null;
  /** null for `~a` alone. */
  readonly value: OverrideValue | null;
  /** As typed. */
  readonly text: string;
}

export function isSweep(value: OverrideValue | null): value is OverrideSweep {
  return value !== null && ['choice', 'range', 'interval', 'glob'].includes(value.kind);
}
