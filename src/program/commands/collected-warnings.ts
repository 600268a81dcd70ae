// Collects the warnings of a command, so that its JSON document and the document of its error hold them: as sentences in
// `warnings`, and as facts in `warningFacts`.
import type { CommandWarning, Warn } from '../../foundation/core/index.ts';

type Fact = CommandWarning & { readonly message: string };

export class CollectedWarnings {
  readonly #facts: Fact[] = [];

  /** Passes warnings on to `show`, and keeps each once. */
  collect(show: (text: string) => void): Warn {
    return (text, fact) => {
      if (!this.#facts.some(({ message }) => message === text))
        this.#facts.push({ code: 'UNCODED', ...fact, message: text });
      show(text);
    };
  }

  /** The document with the warnings that it lacks. What is no object stays as it is. */
  addTo(document: unknown): unknown {
    if (typeof document !== 'object' || document === null || Array.isArray(document)) return document;
    const { warnings = [], warningFacts = [] } = document as {
      readonly warnings?: readonly string[];
      readonly warningFacts?: readonly Fact[];
    };
    const missing = (known: readonly string[]): Fact[] =>
      this.#facts.filter(({ message }) => !known.includes(message));
    const messages = warningFacts.map(({ message }) => message);
    return {
      ...document,
      warnings: [...warnings, ...missing(warnings).map(({ message }) => message)],
      warningFacts: [...warningFacts, ...missing(messages)],
    };
  }

  get isEmpty(): boolean {
    return this.#facts.length === 0;
  }
}
