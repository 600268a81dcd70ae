// The status of a run or trial: a word with a shape of its own, so that colour is never the only difference.
import type { ComponentChildren } from 'preact';
import { studioStrings } from '../studio-strings.ts';

type Status = keyof typeof studioStrings.statuses;

const SHAPES: Readonly<Record<Status, ComponentChildren>> = {
  running: <path d="M3 1.5 12.5 7 3 12.5Z" />,
  finished: <path d="m5.4 12.3-4.7-4.6 1.8-1.9 2.9 2.9L11.5 2l1.9 1.8Z" />,
  stopped: <rect x="2" y="2" width="10" height="10" />,
  failed: <path d="m2 3.8 1.8-1.8L7 5.2 10.2 2 12 3.8 8.8 7 12 10.2 10.2 12 7 8.8 3.8 12 2 10.2 5.2 7Z" />,
  interrupted: <path d="M2 2h3.6v10H2ZM8.4 2H12v10H8.4Z" />,
  waiting: <path d="M7 1a6 6 0 1 1 0 12A6 6 0 0 1 7 1Zm0 2a4 4 0 1 0 0 8 4 4 0 0 0 0-8Z" />,
};

export function StatusMark({ status }: { readonly status: Status }) {
  return (
    <span class={`status status-${status}`}>
      <svg class="mark" viewBox="0 0 14 14" aria-hidden="true">
        {SHAPES[status]}
      </svg>
      {studioStrings.statuses[status]}
    </span>
  );
}
