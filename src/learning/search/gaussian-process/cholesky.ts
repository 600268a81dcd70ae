// Cholesky factors of symmetric matrices in float64: K = L Lᵀ, with L lower triangular. Matrices are row-major, with n values a row.
// Only the lower triangle of an argument is read, and only that of a result is meant.

/** How many rows, or right sides, are computed at once. */
export const BLOCK = 8;

/** Sum of a[aStart + k] * b[bStart + k] over k < length. Four sums at once keep the processor's adders busy. */
function dot(a: Float64Array, aStart: number, b: Float64Array, bStart: number, length: number): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let k = 0;
  for (; k + 3 < length; k += 4) {
    s0 += a[aStart + k]! * b[bStart + k]!;
    s1 += a[aStart + k + 1]! * b[bStart + k + 1]!;
    s2 += a[aStart + k + 2]! * b[bStart + k + 2]!;
    s3 += a[aStart + k + 3]! * b[bStart + k + 3]!;
  }
  for (; k < length; k++) s0 += a[aStart + k]! * b[bStart + k]!;
  return s0 + s1 + (s2 + s3);
}

/** Results of `dotRows`: one buffer for all calls, as returning an array costs more than the sums. */
const sums = new Float64Array(BLOCK);

/** Eight sums at once: of a[aStart + k] * b[bStart + r * stride + k] for r = 0 to 7. */
function dotRows(
  a: Float64Array,
  aStart: number,
  b: Float64Array,
  bStart: number,
  stride: number,
  length: number,
): void {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let s4 = 0;
  let s5 = 0;
  let s6 = 0;
  let s7 = 0;
  for (let i = aStart, at = bStart, end = aStart + length; i < end; i++, at++) {
    const x = a[i]!;
    s0 += x * b[at]!;
    s1 += x * b[at + stride]!;
    s2 += x * b[at + 2 * stride]!;
    s3 += x * b[at + 3 * stride]!;
    s4 += x * b[at + 4 * stride]!;
    s5 += x * b[at + 5 * stride]!;
    s6 += x * b[at + 6 * stride]!;
    s7 += x * b[at + 7 * stride]!;
  }
  sums[0] = s0;
  sums[1] = s1;
  sums[2] = s2;
  sums[3] = s3;
  sums[4] = s4;
  sums[5] = s5;
  sums[6] = s6;
  sums[7] = s7;
}

/**
 * Factors a matrix in place.
 * @param matrix     [n, n]
 * @param leastPivot squares of the factor's diagonal are raised to this; without it a matrix that is not positive definite fails
 * @returns whether the matrix is positive definite (always with leastPivot)
 */
export function factorCholesky(matrix: Float64Array, n: number, leastPivot?: number): boolean {
  for (let first = 0; first < n; first += BLOCK) {
    const end = Math.min(n, first + BLOCK);
    // Eight rows at once, up to the column where they begin to need each other.
    let done = 0;
    if (end === first + BLOCK) {
      for (; done < first; done++) {
        const pivot = matrix[done * n + done]!;
        dotRows(matrix, done * n, matrix, first * n, n, done);
        for (let r = 0; r < BLOCK; r++) {
          const at = (first + r) * n + done;
          matrix[at] = (matrix[at]! - sums[r]!) / pivot;
        }
      }
    }
    for (let i = first; i < end; i++) {
      const row = i * n;
      for (let j = done; j < i; j++) {
        matrix[row + j] = (matrix[row + j]! - dot(matrix, row, matrix, j * n, j)) / matrix[j * n + j]!;
      }
      let pivot = matrix[row + i]! - dot(matrix, row, matrix, row, i);
      if (leastPivot !== undefined) pivot = Math.max(pivot, leastPivot);
      if (!(pivot > 0) || pivot === Number.POSITIVE_INFINITY) return false;
      matrix[row + i] = Math.sqrt(pivot);
    }
  }
  return true;
}

/** Solves L x = b in place of b. @param factor [n, n] @param b [n] */
export function solveLower(factor: Float64Array, n: number, b: Float64Array): void {
  for (let i = 0; i < n; i++) b[i] = (b[i]! - dot(factor, i * n, b, 0, i)) / factor[i * n + i]!;
}

/** Solves Lᵀ x = b in place of b. @param factor [n, n] @param b [n] */
export function solveUpper(factor: Float64Array, n: number, b: Float64Array): void {
  for (let i = n - 1; i >= 0; i--) {
    const row = i * n;
    const x = b[i]! / factor[row + i]!;
    b[i] = x;
    for (let j = 0; j < i; j++) b[j] = b[j]! - factor[row + j]! * x;
  }
}

/** Solves L x = b for eight right sides at once, in place. @param b [n, 8] */
export function solveLowerBlock(factor: Float64Array, n: number, b: Float64Array): void {
  for (let i = 0; i < n; i++) {
    const row = i * n;
    const at = i * BLOCK;
    let s0 = b[at]!;
    let s1 = b[at + 1]!;
    let s2 = b[at + 2]!;
    let s3 = b[at + 3]!;
    let s4 = b[at + 4]!;
    let s5 = b[at + 5]!;
    let s6 = b[at + 6]!;
    let s7 = b[at + 7]!;
    for (let j = 0, k = 0; j < i; j++, k += BLOCK) {
      const l = factor[row + j]!;
      s0 -= l * b[k]!;
      s1 -= l * b[k + 1]!;
      s2 -= l * b[k + 2]!;
      s3 -= l * b[k + 3]!;
      s4 -= l * b[k + 4]!;
      s5 -= l * b[k + 5]!;
      s6 -= l * b[k + 6]!;
      s7 -= l * b[k + 7]!;
    }
    const scale = 1 / factor[row + i]!;
    b[at] = s0 * scale;
    b[at + 1] = s1 * scale;
    b[at + 2] = s2 * scale;
    b[at + 3] = s3 * scale;
    b[at + 4] = s4 * scale;
    b[at + 5] = s5 * scale;
    b[at + 6] = s6 * scale;
    b[at + 7] = s7 * scale;
  }
}

/**
 * Writes K⁻¹ from the factor of K.
 * @param factor  [n, n]
 * @param inverse [n, n] receives the lower triangle of the result
 * @param rows    [n, n] for values in between; only zeros below the diagonal, and they stay
 */
export function invertCholesky(
  factor: Float64Array,
  n: number,
  inverse: Float64Array,
  rows: Float64Array,
): void {
  // Row r of `rows` becomes column r of L⁻¹, so that K⁻¹[i, j] = Σ_k L⁻¹[k, i] L⁻¹[k, j] is a product of two rows.
  for (let first = 0; first < n; first += BLOCK) {
    const end = Math.min(n, first + BLOCK);
    for (let i = first; i < n; i++) {
      const row = i * n;
      const pivot = factor[row + i]!;
      if (end === first + BLOCK && i >= end) {
        // Left of its diagonal a row is 0, so all sums may begin at the first one's.
        dotRows(factor, row + first, rows, first * n + first, n, i - first);
        for (let r = 0; r < BLOCK; r++) rows[(first + r) * n + i] = -sums[r]! / pivot;
        continue;
      }
      for (let r = first; r < Math.min(end, i + 1); r++) {
        rows[r * n + i] = ((r === i ? 1 : 0) - dot(factor, row + r, rows, r * n + r, i - r)) / pivot;
      }
    }
  }
  for (let i = 0; i < n; i++) {
    let j = 0;
    for (; j + BLOCK <= i + 1; j += BLOCK) {
      dotRows(rows, i * n + i, rows, j * n + i, n, n - i);
      for (let r = 0; r < BLOCK; r++) inverse[i * n + j + r] = sums[r]!;
    }
    for (; j <= i; j++) inverse[i * n + j] = dot(rows, i * n + i, rows, j * n + i, n - i);
  }
}
