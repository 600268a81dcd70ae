// The look of a class follows from its position in the model's list, never from its name. Each class has its own hue,
// shape and filling, so that colour is never the only difference.
import type { ComponentChildren } from 'preact';

/** The number of distinct looks; a seventh class repeats the first. */
const LOOKS = 6;

const SHAPES: readonly ComponentChildren[] = [
  <path d="M7 .5 13.5 7 7 13.5.5 7Z" />,
  <circle cx="7" cy="7" r="6" />,
  <rect x="1.5" y="1.5" width="11" height="11" />,
  <path d="M7 1 13.5 12.5H.5Z" />,
  <path d="M3.5 1h7L14 7l-3.5 6h-7L0 7Z" />,
  <path d="M5 1h4v4h4v4H9v4H5V9H1V5h4Z" />,
];

/** The shape for "no class": a bar. */
const NO_CLASS = <path d="M1 5.2h12v3.6H1Z" />;

// Lines drawn over the filling; the second class has none.
const FILLINGS: readonly ComponentChildren[] = [
  <path d="M-2 10 10-2M2 14 14 2" />,
  null,
  <path d="M0 4h8" />,
  <path d="M4 0v8" />,
  <path d="M0 4h8M4 0v8" />,
  <circle cx="4" cy="4" r="1" />,
];

/** The CSS class that sets the hue; an unknown class (-1) has a neutral colour. */
export function classHue(index: number): string {
  return index < 0 ? 'hue-none' : `hue-${index % LOOKS}`;
}

/** The shape of a class in its hue, as decoration beside its name. */
export function ClassMark({ index }: { readonly index: number }) {
  return (
    <svg class={`mark ${classHue(index)}`} viewBox="0 0 14 14" aria-hidden="true">
      {index < 0 ? NO_CLASS : SHAPES[index % LOOKS]}
    </svg>
  );
}

/**
 * A bar filled to `share` of its width, with a notch at `threshold` if it is above 0. It is hidden from screen readers,
 * which read the number beside it.
 */
export function ClassBar(props: {
  readonly index: number;
  readonly share: number;
  readonly threshold: number;
}) {
  const { index, share, threshold } = props;
  const look = Math.max(index, 0) % LOOKS;
  const id = `filling-${look}`;
  const width = `${Math.max(share * 100, 0.6)}%`;
  return (
    <svg class={`bar ${classHue(index)}`} aria-hidden="true">
      <defs>
        <pattern id={id} width="8" height="8" patternUnits="userSpaceOnUse">
          <g class="filling">{FILLINGS[look]}</g>
        </pattern>
      </defs>
      <rect class="track" width="100%" height="100%" rx="3" />
      <rect class="fill" width={width} height="100%" rx="3" />
      <rect width={width} height="100%" rx="3" fill={`url(#${id})`} />
      {threshold > 0 && (
        <line class="notch" x1={`${threshold * 100}%`} x2={`${threshold * 100}%`} y1="0" y2="100%" />
      )}
    </svg>
  );
}
