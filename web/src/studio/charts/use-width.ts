// The width of an element in pixels, followed when it changes. Charts are drawn to it, so that their texts stay readable.
import type { RefObject } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';

export function useWidth<E extends HTMLElement>(first = 640): [RefObject<E | null>, number] {
  const ref = useRef<E>(null);
  const [width, setWidth] = useState(first);
  useLayoutEffect(() => {
    const { current } = ref;
    if (current === null) return;
    const read = (): void => setWidth(Math.max(200, Math.floor(current.clientWidth)));
    read();
    const resized = new ResizeObserver(read);
    resized.observe(current);
    return () => resized.disconnect();
  }, []);
  return [ref, width];
}
