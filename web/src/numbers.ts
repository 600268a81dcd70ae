// Numbers as people read them. A probability is never shown as 0% or 100%: no model is that sure.
const count = new Intl.NumberFormat('en');

/** `97%`, `>99%`, `<1%`. */
export function formatProbability(probability: number): string {
  if (probability > 0.99) return '>99%';
  if (probability < 0.01) return '<1%';
  return `${Math.round(probability * 100)}%`;
}

/** A share that was measured: `93.4%`. */
export function formatShare(share: number): string {
  return `${(share * 100).toFixed(1)}%`;
}

/** `1,234` */
export function formatCount(value: number): string {
  return count.format(value);
}

/** `5 million`, `820 thousand`, `950`: the size of a model, not its exact count. */
export function formatSize(value: number): string {
  const rounded = Number(value.toPrecision(2));
  if (rounded >= 1e6) return `${rounded / 1e6} million`;
  return rounded >= 1000 ? `${rounded / 1000} thousand` : String(value);
}

/** `3 January 2026` */
export function formatDate(iso: string): string {
  const date = new Date(iso);
  return Number.isNaN(date.getTime())
    ? iso
    : date.toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' });
}

export function countWords(text: string): number {
  return text.match(/\S+/g)?.length ?? 0;
}
