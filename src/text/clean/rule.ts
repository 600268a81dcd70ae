// The type of a cleaning rule: a named pure function of one text. Every rule runs in time linear in its input: patterns
// are anchored with bounded repeats, or start at a literal character and look around by code.

export interface CleaningRule {
  /** Kebab-case; counted under this name in the manifest. */
  readonly name: string;
  /** always: whatever the configuration says; strip: only when give-aways are removed. */
  readonly when: 'always' | 'strip';
  readonly fields: readonly ('title' | 'text')[];
  /** One sentence for the audit and the docs. */
  readonly summary: string;
  readonly apply: (text: string) => string;
}
