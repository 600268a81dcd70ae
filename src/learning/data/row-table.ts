// The table of rows that is kept in memory while a dataset is prepared: about 50 bytes for each row plus 4 for each band,
// in typed arrays. The texts are in a temporary file.

/** A typed array that grows; index it through `values`. */
export interface GrowingColumn<T extends Int32Array | Uint32Array | Uint8Array | Uint16Array> {
  readonly values: T;
  push(value: number): void;
}

type ColumnKind = 'i32' | 'u32' | 'u16' | 'u8';

const ARRAYS = { i32: Int32Array, u32: Uint32Array, u16: Uint16Array, u8: Uint8Array } as const;

export function createColumn<K extends ColumnKind>(kind: K): GrowingColumn<InstanceType<(typeof ARRAYS)[K]>> {
  type Values = InstanceType<(typeof ARRAYS)[K]>;
  let values = new ARRAYS[kind](1024) as Values;
  let length = 0;
  return {
    get values() {
      return values.subarray(0, length) as Values;
    },
    push: (value) => {
      if (length === values.length) {
        const grown = new ARRAYS[kind](values.length * 2) as Values;
        grown.set(values);
        values = grown;
      }
      values[length++] = value;
    },
  };
}

/** A 64-bit key for each row, as two columns; [0, 0] means that the row has no key. */
export interface KeyColumn {
  readonly high: Uint32Array;
  readonly low: Uint32Array;
}

const EMPTY = -1;

/**
 * Calls `visit(row, first)` for each row whose key an earlier row has; `first` is the earliest such row.
 * It is a hash table with open addressing over row numbers: 8 bytes for each row, no strings.
 */
export function forEachRepeat(keys: KeyColumn, visit: (row: number, first: number) => void): void {
  const rows = keys.high.length;
  let size = 16;
  while (size < rows * 2) size *= 2;
  const slots = new Int32Array(size).fill(EMPTY);
  for (let row = 0; row < rows; row++) {
    const high = keys.high[row] as number;
    const low = keys.low[row] as number;
    if (high === 0 && low === 0) continue;
    let slot = (low ^ Math.imul(high, 0x9e3779b1)) & (size - 1);
    for (;;) {
      const first = slots[slot] as number;
      if (first === EMPTY) {
        slots[slot] = row;
        break;
      }
      if (keys.high[first] === high && keys.low[first] === low) {
        visit(row, first);
        break;
      }
      slot = (slot + 1) & (size - 1);
    }
  }
}
