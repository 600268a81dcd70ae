// The shown range of the x axis, and how keys change it.

export type Range = readonly [number, number];

/** The new range after a key; undefined: the key means nothing here. */
export function zoomByKey(key: string, [min, max]: Range, [first, last]: Range): Range | null | undefined {
  const width = max - min;
  switch (key) {
    case '+':
    case '=':
      return [min + width / 4, max - width / 4];
    case '-':
      return width * 2 >= last - first
        ? null
        : [Math.max(first, min - width / 2), Math.min(last, max + width / 2)];
    case '0':
      return null;
    case 'ArrowLeft': {
      const by = Math.min(width / 4, min - first);
      return [min - by, max - by];
    }
    case 'ArrowRight': {
      const by = Math.min(width / 4, last - max);
      return [min + by, max + by];
    }
    default:
      return undefined;
  }
}
