// The gradient of a table that is only looked up in: few of its rows differ from zero, and only those are kept.

export interface RowGradient {
  /** Rows of the table, each once, ascending. */
  readonly rows: Int32Array;
  /** Where each of `rows` lies in `values`, counted in rows. */
  readonly places: Int32Array;
  /** [rows, D] */
  readonly values: Float32Array;
}

/** Adds up rows over the batches of a step. */
export interface RowSum {
  /** values[indices[n]] += updates[n]; indices [N], updates [N, D] */
  add(indices: Int32Array, updates: Float32Array): void;
  clear(): void;
  /** Views of the sum, valid until `add` or `clear` is called. */
  read(): RowGradient;
}

/**
 * @param rowCount  of the table
 * @param width  D
 * @param allocate  float32 elements where threads can read them
 */
export function createRowSum(
  rowCount: number,
  width: number,
  allocate: (length: number) => Float32Array,
): RowSum {
  const placeOf = new Int32Array(rowCount).fill(-1);
  const order = new Int32Array(rowCount);
  let used = 0;
  let values: Float32Array = new Float32Array(0);
  return {
    add: (indices, updates) => {
      const needed = Math.min(rowCount, used + indices.length) * width;
      if (values.length < needed) {
        const larger = allocate(needed);
        larger.set(values.subarray(0, used * width));
        values = larger;
      }
      for (let n = 0; n < indices.length; n++) {
        const row = indices[n]!;
        const from = n * width;
        if (placeOf[row] === -1) {
          values.set(updates.subarray(from, from + width), used * width);
          placeOf[row] = used;
          order[used++] = row;
        } else {
          const to = placeOf[row]! * width;
          for (let d = 0; d < width; d++) values[to + d]! += updates[from + d]!;
        }
      }
    },
    clear: () => {
      for (let n = 0; n < used; n++) placeOf[order[n]!] = -1;
      used = 0;
    },
    read: () => {
      const rows = order.slice(0, used).sort();
      return { rows, places: rows.map((row) => placeOf[row]!), values: values.subarray(0, used * width) };
    },
  };
}
